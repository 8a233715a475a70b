import oracledb from 'oracledb';
import { REPLICA_TABLES, type Column } from '../../domain/replica.ts';
import { columnsOf, type ColumnKind, type MergeStatement } from './merge-statement.ts';
import { mergeTarget, type MergeStore, type MergeTransaction, type RowFailure } from './merge-target.ts';
import type { SyncTarget } from './target.ts';

/** What of the driver is used. */
export type OracleDriver = Pick<typeof oracledb, 'createPool'>;
type Pool = oracledb.Pool;
type Connection = oracledb.Connection;

/** A replica of the service takes three pipelines to its target, one batch of each at a time; and it asks whether the target is there. */
const CONNECTIONS = 4;
/** One round trip, waiting for locks included. Well below the minute after which a call is left to another replica. */
const CALL_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_S = 5;
const QUEUE_TIMEOUT_MS = 5_000;
const DRAIN_S = 5;
/** Servers before 23ai take no longer list (ORA-01795). */
const LONGEST_LIST = 1_000;
/** What every server's VARCHAR2 takes, in bytes. A database with fewer bytes for a text refuses it by itself. */
const LONGEST_TEXT = 4_000;
/** A hundred characters, which is what ids have at most, of four bytes. */
const LONGEST_ID = 400;

const NAME_IS_USED = 955;
const UNIQUE_VIOLATED = 1;
/** Too long, too large, no number, null, against a CHECK or FOREIGN KEY that somebody has put there. */
const RECORD_ERRORS = new Set([12_899, 1_438, 1_461, 1_722, 1_400, 1_407, 2_290, 2_291]);

const COLUMN_TYPES: Readonly<Record<ColumnKind, string>> = {
  text: `VARCHAR2(${LONGEST_TEXT})`,
  integer: 'NUMBER(19)',
  json: 'CLOB',
};

const BINDS: Readonly<Record<ColumnKind, oracledb.BindDefinition>> = {
  text: { type: oracledb.DB_TYPE_VARCHAR, maxSize: LONGEST_TEXT },
  integer: { type: oracledb.DB_TYPE_NUMBER },
  // As a text it would be a LONG beyond 4,000 bytes, which no SELECT takes.
  json: { type: oracledb.DB_TYPE_CLOB },
};

/**
 * An Oracle database as a target, by `oracle://user:password@host:1521/service`. It is not connected to before it is needed, so that the
 * service starts while it is away; then its tables are made when they are not there.
 */
export function openOracleTarget(name: string, url: string, driver: OracleDriver = oracledb): SyncTarget {
  return mergeTarget(name, new OracleStore(url, driver));
}

class OracleStore implements MergeStore {
  readonly #url: string;
  readonly #driver: OracleDriver;
  #pool: Promise<Pool> | undefined;
  #closed = false;

  constructor(url: string, driver: OracleDriver) {
    this.#url = url;
    this.#driver = driver;
  }

  // The driver tells the type with the value.
  readonly bind = (position: number): string => `:${position}`;

  async inTransaction<T>(work: (tx: MergeTransaction) => Promise<T>): Promise<T> {
    return withConnection(await this.#ready(), async (connection) => {
      const result = await work(transactionOn(connection));
      await connection.commit();
      return result;
    });
  }

  async check(): Promise<void> {
    await withConnection(await this.#ready(), (connection) => connection.execute('SELECT 1 FROM dual'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const pool = await this.#pool?.catch(() => undefined);
    await pool?.close(DRAIN_S);
  }

  /** Who comes while the pool is being opened waits for it; whoever comes after a failure tries anew. */
  #ready(): Promise<Pool> {
    if (this.#closed) return Promise.reject(new Error('the target is closed'));
    this.#pool ??= openPool(this.#driver, this.#url).catch((error: unknown) => {
      this.#pool = undefined;
      throw error;
    });
    return this.#pool;
  }
}

async function openPool(driver: OracleDriver, url: string): Promise<Pool> {
  const { username, password, host, pathname } = new URL(url);
  const pool = await driver.createPool({
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    connectString: `${host}${pathname}`,
    poolMin: 0,
    poolMax: CONNECTIONS,
    poolIncrement: 1,
    queueTimeout: QUEUE_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_S,
  });
  try {
    await withConnection(pool, createTables);
    return pool;
  } catch (error) {
    await pool.close(0).catch(() => undefined);
    throw error;
  }
}

/** Whatever has failed, the next one gets another connection: of this one it is not known what it still does. */
async function withConnection<T>(pool: Pool, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await pool.getConnection();
  try {
    connection.callTimeout = CALL_TIMEOUT_MS;
    const result = await work(connection);
    await connection.close();
    return result;
  } catch (error) {
    // What failed is told, not what failed after it.
    await connection.rollback().catch(() => undefined);
    await connection.close({ drop: true }).catch(() => undefined);
    throw error;
  }
}

/** Replicas of the service may do so at the same time. `IF NOT EXISTS` is known from 23ai on only. */
async function createTables(connection: Connection): Promise<void> {
  for (const table of Object.values(REPLICA_TABLES)) {
    const [, revision, ...own] = columnsOf(table).map(({ name, kind }) => `${name} ${COLUMN_TYPES[kind]}`);
    const columns = [`id VARCHAR2(${LONGEST_ID}) PRIMARY KEY`, `${revision} NOT NULL`, ...own];
    try {
      await connection.execute(`CREATE TABLE ${table.name} (${columns.join(', ')})`);
    } catch (error) {
      if (numberOf(error) !== NAME_IS_USED) throw error;
    }
  }
}

function transactionOn(connection: Connection): MergeTransaction {
  return {
    lockRows: async (table, ids) => {
      const held = new Map<string, number>();
      for (let at = 0; at < ids.length; at += LONGEST_LIST) {
        const some = ids.slice(at, at + LONGEST_LIST);
        const list = some.map((_, index) => `:${index + 1}`).join(', ');
        const select = `SELECT id, revision FROM ${table} WHERE id IN (${list}) ORDER BY id FOR UPDATE`;
        const { rows = [] } = await connection.execute<[string, number]>(select, some, {
          outFormat: oracledb.OUT_FORMAT_ARRAY,
        });
        for (const [id, revision] of rows) held.set(id, revision);
      }
      return held;
    },
    mergeMany: async (statement, rows) => {
      const failures: RowFailure[] = [];
      const sent: number[] = [];
      for (const [at, row] of rows.entries()) {
        const message = tooLong(statement, row);
        if (message === undefined) sent.push(at);
        else failures.push({ at, reason: 'REFUSED', message });
      }
      if (sent.length === 0) return failures;
      const { batchErrors = [] } = await connection.executeMany(
        statement.text,
        sent.map((at) => [...(rows[at] ?? [])]),
        { batchErrors: true, bindDefs: statement.columns.map(({ kind }) => BINDS[kind]) },
      );
      return [...failures, ...batchErrors.map((error) => failureOf(error, sent[error.offset ?? -1]))];
    },
  };
}

/** The driver refuses the whole batch for a text that is longer than its bind. */
function tooLong({ columns }: MergeStatement, row: readonly Column[]): string | undefined {
  for (const [at, { name, kind }] of columns.entries()) {
    const value = row[at];
    const most = name === 'id' ? LONGEST_ID : LONGEST_TEXT;
    if (kind === 'text' && typeof value === 'string' && Buffer.byteLength(value) > most)
      return `${name} has more than ${most} bytes`;
  }
  return undefined;
}

/** Throws what is no fault of the row, such as a deadlock or a full disk. */
function failureOf(error: oracledb.DBError, at: number | undefined): RowFailure {
  const number = numberOf(error);
  if (at === undefined || number === undefined) throw error;
  if (number === UNIQUE_VIOLATED) return { at, reason: 'INSERT_RACE', message: error.message };
  if (RECORD_ERRORS.has(number)) return { at, reason: 'REFUSED', message: error.message };
  throw error;
}

/** The number of an error of the server's. In thin mode the errors of a batch have it in their text only. */
function numberOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('errorNum' in error && typeof error.errorNum === 'number') return error.errorNum;
  const inText = /^ORA-(\d+)/.exec(error.message)?.[1];
  return inText === undefined ? undefined : Number(inText);
}
