import postgres from 'postgres';
import { REPLICA_TABLES, type Column } from '#sync/domain/replica.ts';
import { columnsOf } from '#sync/store/targets/merge-statement.ts';
import type { MergeStore, MergeTransaction, RowFailure } from '#sync/store/targets/merge-target.ts';

const TYPES = { text: 'text', integer: 'bigint', json: 'text' } as const;
const UNIQUE_VIOLATED = '23505';
/** Classes of SQLSTATE: data exception, integrity constraint violation. */
const OF_RECORD = ['22', '23'];

/** Makes the tables of all replicas, and Oracle's table of one row. */
export async function createReplicaTables(url: string): Promise<void> {
  const sql = postgres(url, { max: 1 });
  try {
    for (const table of Object.values(REPLICA_TABLES)) {
      const columns = columnsOf(table).map(({ name, kind }) => `${name} ${TYPES[kind]}`);
      await sql.unsafe(`CREATE TABLE ${table.name} (${columns.join(', ')}, PRIMARY KEY (id))`);
    }
    await sql.unsafe('CREATE TABLE dual AS SELECT 1 AS one');
  } finally {
    await sql.end();
  }
}

/** PostgreSQL in Oracle's place: its MERGE is no atomic upsert either, so text, retries and races are tried for real; the driver is not. */
export function postgresMergeStore(url: string, name = 'merge-store'): MergeStore {
  const sql = postgres(url, { max: 4, onnotice: () => {}, connection: { application_name: name } });
  return {
    bind: (position, kind) => `$${position}::${TYPES[kind]}`,
    inTransaction: async (work) => {
      // What begin() gives unwraps arrays of promises.
      const result: unknown[] = [];
      await sql.begin(async (tx) => {
        result.push(await work(transactionOn(tx)));
      });
      return result[0] as Awaited<ReturnType<typeof work>>;
    },
    check: async () => {
      await sql`SELECT 1`;
    },
    [Symbol.asyncDispose]: () => sql.end(),
  };
}

function transactionOn(tx: postgres.TransactionSql): MergeTransaction {
  return {
    lockRows: async (table, ids) => {
      const list = ids.map((_, at) => `$${at + 1}`).join(', ');
      const select = `SELECT id, revision FROM ${table} WHERE id IN (${list}) ORDER BY id FOR UPDATE`;
      const rows = await tx.unsafe<{ id: string; revision: string }[]>(select, [...ids]);
      return new Map(rows.map(({ id, revision }) => [id, Number(revision)]));
    },
    mergeMany: async (statement, rows) => {
      const failures: RowFailure[] = [];
      for (const [at, row] of rows.entries()) {
        const failure = await mergeOne(tx, statement.text, row);
        if (failure !== undefined) failures.push({ at, ...failure });
      }
      return failures;
    },
  };
}

/** Behind a savepoint, so that a row that fails takes no other with it, as in Oracle. */
async function mergeOne(
  tx: postgres.TransactionSql,
  text: string,
  row: readonly Column[],
): Promise<Omit<RowFailure, 'at'> | undefined> {
  try {
    await tx.savepoint((inner) => inner.unsafe(text, [...row]));
    return undefined;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    if (error.code === UNIQUE_VIOLATED) return { reason: 'INSERT_RACE', message: error.message };
    if (OF_RECORD.includes(error.code.slice(0, 2))) return { reason: 'REFUSED', message: error.message };
    throw error;
  }
}
