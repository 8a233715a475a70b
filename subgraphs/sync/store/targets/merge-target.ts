import { REPLICA_TABLES, type Column, type Replica } from '../../domain/replica.ts';
import type { SyncEntity } from '../../domain/record-sync.ts';
import { mergeStatement, type BindWriter, type MergeStatement } from './merge-statement.ts';
import type { ApplyResult, SyncTarget } from './target.ts';

/** Why a row of a batch was not written. `INSERT_RACE`: a row of its id was there by then. `REFUSED`: the record itself is at fault. */
export interface RowFailure {
  /** Its place in the batch, from 0. */
  readonly at: number;
  readonly reason: 'INSERT_RACE' | 'REFUSED';
  readonly message: string;
}

export interface MergeTransaction {
  /** Locks the rows that are there, in the order of their ids, and gives their revisions. */
  lockRows(table: string, ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Merges row by row; one that fails changes nothing and keeps no other from being written. Rejects when no row is at fault. */
  mergeMany(statement: MergeStatement, rows: readonly (readonly Column[])[]): Promise<readonly RowFailure[]>;
}

/** A database that is written by MERGE. A statement in a transaction sees what others have committed before it (READ COMMITTED). */
export interface MergeStore extends AsyncDisposable {
  /** Commits what `work` has done, or nothing of it, and then rejects. */
  inTransaction<T>(work: (tx: MergeTransaction) => Promise<T>): Promise<T>;
  /** Rejects when the database cannot be reached. */
  check(): Promise<void>;
  readonly bind: BindWriter;
}

/**
 * MERGE looks for the row and then inserts it: of two that do so at once, the second waits, and fails when the first has committed. Then it
 * finds the row. Nobody deletes replicas, so a second race for a row is none; the third try is for whoever deletes by hand.
 */
const MOST_TRIES = 3;

/** The target that a database is which has MERGE rather than an atomic upsert. */
export function mergeTarget(name: string, store: MergeStore): SyncTarget {
  const statements = Object.fromEntries(
    Object.entries(REPLICA_TABLES).map(([entity, table]) => [entity, mergeStatement(table, store.bind)]),
  ) as Record<SyncEntity, MergeStatement>;
  return {
    name,
    apply: async (entity, replicas) =>
      replicas.length === 0 ? [] : store.inTransaction((tx) => applyAll(tx, statements[entity], replicas)),
    check: () => store.check(),
    [Symbol.asyncDispose]: async () => store[Symbol.asyncDispose](),
  };
}

async function applyAll(
  tx: MergeTransaction,
  statement: MergeStatement,
  replicas: readonly Replica[],
): Promise<ApplyResult[]> {
  // In one order for everybody, so that two who write the same records wait for each other in one direction.
  const ordered = replicas.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const ids = ordered.map(({ id }) => id);
  // How a MERGE sees a row that changes while it waits for it differs from server to server. Of a row that is locked there is no question.
  await tx.lockRows(statement.table, ids);
  const refused = await mergeAll(tx, statement, ordered);
  const held = await tx.lockRows(statement.table, ids);
  return ordered.map((replica) => resultOf(replica, { refused, held }));
}

/** Merges again what lost an insert race, and gives the errors of the records that are themselves at fault. */
async function mergeAll(
  tx: MergeTransaction,
  statement: MergeStatement,
  replicas: readonly Replica[],
): Promise<ReadonlyMap<string, string>> {
  const refused = new Map<string, string>();
  let due: Replica[] = [];
  for (const replica of replicas) {
    const problem = problemOf(statement, replica);
    if (problem === undefined) due.push(replica);
    else refused.set(replica.id, problem);
  }
  for (let tries = 1; due.length > 0; tries += 1) {
    const batch = due;
    due = [];
    let last = '';
    for (const { at, reason, message } of await tx.mergeMany(
      statement,
      batch.map((replica) => rowOf(statement, replica)),
    )) {
      const replica = batch[at];
      if (replica === undefined) throw new Error(`${statement.table}: an error of row ${at}, which was not sent`);
      if (reason === 'REFUSED') refused.set(replica.id, message);
      else due.push(replica);
      last = message;
    }
    if (due.length > 0 && tries === MOST_TRIES)
      throw new Error(`${due.length} rows of ${statement.table} lost every one of ${tries} races: ${last}`);
  }
  return refused;
}

function resultOf(
  { id, revision }: Replica,
  { refused, held }: { readonly refused: ReadonlyMap<string, string>; readonly held: ReadonlyMap<string, number> },
): ApplyResult {
  const error = refused.get(id);
  if (error !== undefined) return { id, error };
  const targetRevision = held.get(id);
  // A write that was lost without an error must not pass as applied.
  if (targetRevision === undefined || targetRevision < revision)
    throw new Error(`${id} was written at revision ${revision}, and is held at ${targetRevision ?? 'none'}`);
  return { id, targetRevision };
}

const valueOf = ({ id, revision, columns }: Replica, name: string): Column =>
  ({ id, revision, ...columns })[name] ?? null;

const rowOf = ({ columns }: MergeStatement, replica: Replica): Column[] =>
  columns.map(({ name }) => valueOf(replica, name));

/** Drivers refuse a whole batch for one value that is not of its bind's type; so the record at fault is found before. */
function problemOf({ columns }: MergeStatement, replica: Replica): string | undefined {
  for (const { name, kind } of columns) {
    const value: unknown = valueOf(replica, name);
    const fits = kind === 'integer' ? Number.isSafeInteger(value) : typeof value === 'string';
    if (value !== null && !fits) return `${name} is not ${kind === 'integer' ? 'an integer' : 'a text'}`;
  }
  return undefined;
}
