import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Replica, ReplicaTable } from '../../domain/replica.ts';
import { REPLICA_TABLES } from '../../domain/replica.ts';
import type { ApplyResult, SyncTarget } from './target.ts';

/** SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG: the record, not the database, is at fault. */
const RECORD_ERRORS = new Set([19, 20, 18]);

interface Statements {
  readonly upsert: StatementSync;
  readonly revision: StatementSync;
}

/** Opens a SQLite file as a target; makes the file and its tables when they are not there. Durable: WAL with `synchronous=FULL`. */
export function openSqliteTarget(name: string, file: string): SyncTarget {
  // SQLite would let everyone on the machine read a file that it makes. Its companions take the file's own mode.
  closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  for (const table of Object.values(REPLICA_TABLES)) database.exec(createTable(table));
  const statements = Object.fromEntries(
    Object.entries(REPLICA_TABLES).map(([entity, table]) => [entity, prepare(database, table)]),
  ) as Record<keyof typeof REPLICA_TABLES, Statements>;

  return {
    name,
    apply: (entity, replicas) =>
      new Promise((resolve) => {
        resolve(inTransaction(database, () => replicas.map((replica) => write(statements[entity], replica))));
      }),
    check: () =>
      new Promise((resolve) => {
        database.exec('SELECT 1');
        resolve();
      }),
    [Symbol.asyncDispose]: () => {
      database.close();
      return Promise.resolve();
    },
  };
}

function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function write({ upsert, revision }: Statements, replica: Replica): ApplyResult {
  try {
    const { changes } = upsert.run({ id: replica.id, revision: replica.revision, ...replica.columns });
    if (changes === 1) return { id: replica.id, targetRevision: replica.revision };
    const held = revision.get({ id: replica.id }) as { revision: number };
    return { id: replica.id, targetRevision: held.revision };
  } catch (error) {
    if (!isOfRecord(error)) throw error;
    return { id: replica.id, error: String(error) };
  }
}

/** Is the record, rather than the database, at fault? What cannot be bound (an object, a list) does not even reach SQLite. */
function isOfRecord(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('errcode' in error) return RECORD_ERRORS.has(Number(error.errcode) % 256);
  return 'code' in error && error.code === 'ERR_INVALID_ARG_TYPE';
}

function createTable({ name, columns }: ReplicaTable): string {
  const definitions = Object.entries(columns).map(([column, type]) => `${column} ${type}`);
  return `CREATE TABLE IF NOT EXISTS ${name} (id text PRIMARY KEY, revision integer NOT NULL, ${definitions.join(', ')}) STRICT`;
}

function prepare(database: DatabaseSync, { name, columns }: ReplicaTable): Statements {
  const names = ['id', 'revision', ...Object.keys(columns)];
  const updates = names.slice(1).map((column) => `${column} = excluded.${column}`);
  const upsert = `
    INSERT INTO ${name} (${names.join(', ')}) VALUES (${names.map((column) => `:${column}`).join(', ')})
    ON CONFLICT (id) DO UPDATE SET ${updates.join(', ')} WHERE excluded.revision > ${name}.revision`;
  return {
    upsert: database.prepare(upsert),
    revision: database.prepare(`SELECT revision FROM ${name} WHERE id = :id`),
  };
}
