import { sql } from 'drizzle-orm';
import { appendEvents } from '#shared/events/outbox.ts';
import { takeKeys } from '#shared/store/idempotency-keys.ts';
import { transact, type Database, type Transaction } from '#shared/store/postgres.ts';
import type { Entry } from './log-checker.ts';

/**
 * Makes records to write to, and a mirror of the outbox that also knows the transaction of each row: what the wrong readers read. The mirror
 * is written by a trigger, so that the writers know nothing of it.
 */
export async function prepareOutboxLoad(db: Database, records: readonly string[]): Promise<void> {
  await db.execute(sql`CREATE TABLE records (id text PRIMARY KEY, version int NOT NULL)`);
  await db.execute(sql`CREATE TABLE mirror (seq bigint PRIMARY KEY, xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id uuid NOT NULL, record text NOT NULL, revision bigint NOT NULL)`);
  await db.execute(sql`CREATE FUNCTION mirror_outbox() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO mirror (seq, id, record, revision) VALUES (NEW.seq, NEW.event_id, NEW.subject, NEW.revision);
    RETURN NULL; END $$`);
  await db.execute(sql`CREATE TRIGGER mirrored AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION mirror_outbox()`);
  for (const id of records) await db.execute(sql`INSERT INTO records VALUES (${id}, 0)`);
}

/** Begins a command as {@link Idempotency} does: its first write takes the transaction's id, before any record is locked. */
export async function beginCommand(tx: Transaction, key: string): Promise<void> {
  await takeKeys(tx, [{ caller: 'test', field: 'change', key, fingerprint: Buffer.alloc(0) }], 10_000);
}

/** Raises the versions of records, in the order of their ids so that writers do not deadlock, and appends their events. */
export async function changeRecords(tx: Transaction, ids: readonly string[]): Promise<void> {
  for (const id of ids.toSorted()) {
    const [row] = await tx.execute<{ version: number }>(
      sql`UPDATE records SET version = version + 1 WHERE id = ${id} RETURNING version`,
    );
    const version = row!.version;
    await appendEvents(tx, [
      { type: 'record.changed', subject: id, version, data: { id, version }, occurredAt: new Date() },
    ]);
  }
}

/** Keeps the transaction open inside the server. */
async function dwell(tx: Transaction, ms: number): Promise<void> {
  await tx.execute(sql`SELECT pg_sleep(${ms / 1_000})`);
}

/** Some hundreds of transactions by writers at once, at random held open before and after they draw their numbers, some rolled back. */
export async function runOutboxLoad(
  db: Database,
  {
    records,
    random,
    writers,
    each,
  }: { records: readonly string[]; random: () => number; writers: number; each: number },
): Promise<{ committed: number; rolledBack: number }> {
  const rollback = new Error('rolled back at random');
  let rolledBack = 0;
  const write = (name: string): Promise<void> =>
    transact(db, async (tx) => {
      await beginCommand(tx, name);
      await dwell(tx, random() * 4);
      const chosen = new Set([random(), random()].map((at) => records[Math.floor(at * records.length)]!));
      await changeRecords(tx, [...chosen]);
      await dwell(tx, random() * 8);
      if (random() < 0.15) throw rollback;
    }).catch((error: unknown) => {
      if (error !== rollback) throw error;
      rolledBack += 1;
    });
  const writer = async (at: number): Promise<void> => {
    for (let turn = 0; turn < each; turn += 1) await write(`${at}/${turn}`);
  };
  await Promise.all(Array.from({ length: writers }, (_, at) => writer(at)));
  return { committed: writers * each - rolledBack, rolledBack };
}

/** What was committed, according to the mirror. */
export async function committedEntries(db: Database): Promise<Entry[]> {
  return toEntries(await db.execute<MirrorRow>(sql`SELECT seq, id, record, revision FROM mirror`));
}

interface MirrorRow extends Record<string, unknown> {
  readonly seq: string;
  readonly xid: string;
  readonly id: string;
  readonly record: string;
  readonly revision: string;
}

const toEntries = (rows: readonly MirrorRow[]): Entry[] =>
  rows.map(({ id, record, revision }) => ({ id, record, revision: Number(revision) }));

/** A reader that remembers what it delivered. */
export interface Reader {
  readonly delivered: Entry[];
  readonly readOnce: () => Promise<number>;
}

/** Planted bug: reads behind the last sequence number, although sequence numbers commit out of order. */
export function seqReader(db: Database): Reader {
  const delivered: Entry[] = [];
  let last = '0';
  const readOnce = async (): Promise<number> => {
    const rows = await db.execute<MirrorRow>(sql`SELECT * FROM mirror WHERE seq > ${last} ORDER BY seq`);
    delivered.push(...toEntries(rows));
    last = rows.at(-1)?.seq ?? last;
    return rows.length;
  };
  return { delivered, readOnce };
}

/** Planted bug: reads in order of (transaction, sequence number) what no running transaction can precede, although ids are drawn before locks. */
export function xidReader(db: Database): Reader {
  const delivered: Entry[] = [];
  let last = { xid: '0', seq: '0' };
  const readOnce = async (): Promise<number> => {
    const rows = await db.execute<MirrorRow>(sql`SELECT * FROM mirror
      WHERE (xid, seq) > (${last.xid}::xid8, ${last.seq}::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot())
      ORDER BY xid, seq`);
    delivered.push(...toEntries(rows));
    last = rows.at(-1) ?? last;
    return rows.length;
  };
  return { delivered, readOnce };
}
