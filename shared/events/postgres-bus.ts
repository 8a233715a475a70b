import { fileURLToPath } from 'node:url';
import { and, asc, eq, gt, inArray, lt, lte, min, sql } from 'drizzle-orm';
import { bigint, index, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { Log } from '../log.ts';
import { migrate } from '../store/migrate.ts';
import { openPostgres, transact, type Database } from '../store/postgres.ts';
import { startWorker, type Counts, type Worker } from '../worker.ts';
import type { Bus, Positions, SubscribeOptions } from './bus.ts';
import { subjectMatches, type CloudEvent, type PositionedEvent } from '../cloud-event.ts';

/** @public drizzle-kit makes migrations of it. */
export const busEvents = pgTable(
  'bus_events',
  {
    source: text().notNull(),
    position: bigint({ mode: 'number' }).notNull(),
    event: jsonb().$type<CloudEvent>().notNull(),
    publishedAt: timestamp('published_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.source, table.position] }), index().on(table.source, table.publishedAt)],
);

/** The last position of each source, so that readers need not scan for it. @public drizzle-kit makes migrations of it. */
export const busSources = pgTable('bus_sources', {
  source: text().primaryKey(),
  head: bigint({ mode: 'number' }).notNull(),
});

/** @public drizzle-kit makes migrations of it. */
export const busCursors = pgTable(
  'bus_cursors',
  {
    durable: text().notNull(),
    source: text().notNull(),
    position: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.durable, table.source] })],
);

const PUBLISHED = 'bus_published';
/** Keeps a batch's memory small and its ledger transaction short; throughput is flat beyond some hundreds. */
const READ_BATCH = 500;
/** NOTIFY wakes readers within milliseconds; the poll is for a notification lost with its connection. */
const POLL_MS = 1_000;
/** Publishing and reading are short; subscribers' own work runs on their own database. */
const CONNECTIONS = 4;

const MIGRATIONS = fileURLToPath(new URL('./postgres-bus-migrations', import.meta.url));

/** Opens the bus that lives in a PostgreSQL database, and brings that database up to date. */
export async function openPostgresBus(options: { url: string; name: string; log: Log }): Promise<Bus> {
  await migrate(options.url, MIGRATIONS);
  const postgres = openPostgres({ ...options, connections: CONNECTIONS });
  const readers = new Set<Worker>();
  let listening: Promise<void> | undefined;
  /** Asked once for all readers; what failed is asked again by the next. */
  const listen = (): Promise<void> =>
    (listening ??= postgres.listen(PUBLISHED, wakeAll).catch((error: unknown) => {
      listening = undefined;
      throw error;
    }));
  const wakeAll = (): void => readers.forEach((reader) => reader.wake());

  return {
    publish: (batch) => publish(postgres.db, batch),
    published: (source) => headOf(postgres.db, source),
    subscribe: async (subscription) => {
      await listen();
      const reader = startWorker({
        name: `bus reader ${subscription.durable}`,
        runOnce: () => readOnce(postgres.db, subscription),
        pollMs: POLL_MS,
        log: options.log,
      });
      readers.add(reader);
      return {
        wake: () => reader.wake(),
        [Symbol.asyncDispose]: async () => {
          readers.delete(reader);
          await reader.stop();
        },
      };
    },
    position: (durable) => positionOf(postgres.db, durable),
    rewind: async (durable, from) => {
      await transact(postgres.db, async (tx) => {
        for (const [source, position] of Object.entries(from)) {
          await tx
            .insert(busCursors)
            .values({ durable, source, position })
            .onConflictDoUpdate({ target: [busCursors.durable, busCursors.source], set: { position } });
        }
      });
      wakeAll();
    },
    prune: (source, before) => prune(postgres.db, source, before),
    check: () => postgres.check(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...readers].map((reader) => reader.stop()));
      await postgres[Symbol.asyncDispose]();
    },
  };
}

/**
 * One transaction per batch: a reader that sees a position also sees all before it, because a writer publishes only what follows the
 * position it has seen acknowledged. Two relays of one source at once therefore do no harm.
 */
async function publish(db: Database, batch: readonly PositionedEvent[]): Promise<void> {
  if (batch.length === 0) return;
  const heads = new Map<string, number>();
  for (const { position, event } of batch) heads.set(event.source, Math.max(position, heads.get(event.source) ?? 0));
  await transact(db, async (tx) => {
    const rows = batch.map(({ position, event }) => ({ source: event.source, position, event }));
    await tx.insert(busEvents).values(rows).onConflictDoNothing();
    for (const [source, head] of heads) {
      await tx
        .insert(busSources)
        .values({ source, head })
        .onConflictDoUpdate({ target: busSources.source, set: { head: sql`greatest(${busSources.head}, ${head})` } });
    }
    await tx.execute(sql`SELECT pg_notify(${PUBLISHED}, '')`);
  });
}

async function headOf(db: Database, source: string): Promise<number> {
  const [row] = await db.select({ head: busSources.head }).from(busSources).where(eq(busSources.source, source));
  return row?.head ?? 0;
}

async function positionOf(db: Database, durable: string): Promise<Positions> {
  const rows = await db.select().from(busCursors).where(eq(busCursors.durable, durable));
  return Object.fromEntries(rows.map((row) => [row.source, row.position]));
}

/** Where a durable stands in a source. */
interface Cursor {
  readonly source: string;
  /** The last position there is. */
  readonly head: number;
  readonly position: number;
  /** Another after every write to the cursor, also after one that leaves its position as it was. */
  readonly fence: string;
}

/** Reads one batch per source that has something new. */
async function readOnce(db: Database, subscription: SubscribeOptions): Promise<Counts> {
  let read = 0;
  for (const cursor of await cursorsOf(db, subscription.durable)) {
    if (cursor.head > cursor.position) read += await readSource(db, subscription, cursor);
  }
  return { read };
}

/** The durable's cursors in all sources. A source that is new to it gets one before anything is read, so that pruning waits for it. */
async function cursorsOf(db: Database, durable: string): Promise<Cursor[]> {
  const rows = await db
    .select({
      source: busSources.source,
      head: busSources.head,
      position: busCursors.position,
      fence: sql<string | null>`${busCursors}.xmin::text`,
    })
    .from(busSources)
    .leftJoin(busCursors, and(eq(busCursors.source, busSources.source), eq(busCursors.durable, durable)));
  const cursors = rows.filter((row): row is Cursor => row.fence !== null);
  if (cursors.length === rows.length) return cursors;
  const entered = rows.filter(({ fence }) => fence === null).map(({ source }) => ({ durable, source, position: 0 }));
  await db.insert(busCursors).values(entered).onConflictDoNothing();
  return cursorsOf(db, durable);
}

async function readSource(
  db: Database,
  { durable, subjects, onBatch }: SubscribeOptions,
  { source, position, fence }: Cursor,
): Promise<number> {
  const rows = await db
    .select({ position: busEvents.position, event: busEvents.event })
    .from(busEvents)
    .where(and(eq(busEvents.source, source), gt(busEvents.position, position)))
    .orderBy(asc(busEvents.position))
    .limit(READ_BATCH);
  const to = rows.at(-1)?.position;
  if (to === undefined) return 0;
  const wanted = rows.filter(({ event }) => subjects.some((subject) => subjectMatches(subject, event.type)));
  if (wanted.length > 0) await onBatch(wanted);
  // A rewind since the read wins, also one to where the batch began: the cursor moves on only if nobody has written it.
  await db
    .update(busCursors)
    .set({ position: to })
    .where(
      and(eq(busCursors.durable, durable), eq(busCursors.source, source), sql`${busCursors}.xmin::text = ${fence}`),
    );
  return rows.length;
}

const PRUNE_BATCH = 1_000;

async function prune(db: Database, source: string, before: Date): Promise<number> {
  const [slowest] = await db
    .select({ position: min(busCursors.position) })
    .from(busCursors)
    .where(eq(busCursors.source, source));
  if (slowest?.position == null) return 0;
  const old = db
    .select({ position: busEvents.position })
    .from(busEvents)
    .where(
      and(eq(busEvents.source, source), lte(busEvents.position, slowest.position), lt(busEvents.publishedAt, before)),
    )
    .orderBy(asc(busEvents.position))
    .limit(PRUNE_BATCH);
  const gone = await db
    .delete(busEvents)
    .where(and(eq(busEvents.source, source), inArray(busEvents.position, old)))
    .returning({ position: busEvents.position });
  return gone.length;
}
