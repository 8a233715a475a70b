import type { Context } from './context.ts';
import { DURABLES, LEDGER_STATES, SERVICES, statesOf, STILL_KEPT, type Durable, type ServiceName } from './durables.ts';
import { AMONG_UUIDS, BATCH, FIRST_UUID, inBatches, listed, type Reader } from './readers.ts';

/** Invariant 9. Of each durable its position is read first, then its ledger, then the log of the source. */
export async function checkAccounting(context: Context): Promise<void> {
  for (const service of ['user', 'order', 'inventory', 'notification', 'sync'] as const)
    await checkGaps(context, service);
  for (const durable of DURABLES) for (const source of durable.sources) await checkDurable(context, durable, source);
  await checkStates(context);
}

/** Up to which position a service's log was stamped, relayed and forgotten. */
export interface Marks {
  readonly stamped: number;
  readonly relayed: number;
  readonly pruned: number;
}

export async function marksOf(reader: Reader): Promise<Marks> {
  const rows = await reader.rows<{ name: string; value: string }>('SELECT name, value FROM service_state');
  const value = (wanted: keyof Marks): number => Number(rows.find(({ name }) => name === wanted)?.value ?? 0);
  return { stamped: value('stamped'), relayed: value('relayed'), pruned: value('pruned') };
}

/** Positions have no gaps, and nothing was published that has none. One statement, one moment. */
async function checkGaps({ sources: { databases }, sheet }: Context, service: ServiceName): Promise<void> {
  const [row] = await databases[service].rows<{ stamped: string; relayed: string; pruned: string; kept: number }>(`
    WITH state AS (SELECT coalesce(max(value) FILTER (WHERE name = 'stamped'), 0) AS stamped,
      coalesce(max(value) FILTER (WHERE name = 'relayed'), 0) AS relayed,
      coalesce(max(value) FILTER (WHERE name = 'pruned'), 0) AS pruned FROM service_state)
    SELECT stamped, relayed, pruned, (SELECT count(*)::int FROM outbox WHERE position > pruned) AS kept FROM state`);
  if (row === undefined) return;
  const [stamped, relayed, pruned] = [Number(row.stamped), Number(row.relayed), Number(row.pruned)];
  sheet.accounting.look('events', row.kept);
  if (row.kept !== stamped - pruned)
    sheet.accounting.violation(
      `the log of ${service} has ${row.kept} events in its positions ${pruned + 1} to ${stamped}`,
    );
  if (relayed > stamped)
    sheet.accounting.violation(`${service} relayed up to ${relayed}, and stamped up to ${stamped}`);
}

interface Event {
  readonly key: string;
  readonly position: number;
}

/** The kinds of record that sources tell of; a durable takes those of its sources. */
const TAKEN: Readonly<Record<string, string>> = { user: 'user.%', order: 'order.%', inventory: 'stock.%' };

async function checkDurable(context: Context, durable: Durable, source: ServiceName): Promise<void> {
  const { sources, sheet, quiet } = context;
  const position = await positionOf(context, durable, source);
  if (position === undefined) {
    sheet.accounting.leave(
      'what durables have not received: no bus was named that knows their positions, and events are on their way',
    );
  }
  const ledger = sources.databases[durable.service];
  await checkLedger(context, durable, source);
  const log = sources.databases[source];
  for (let after = 0; position !== undefined && after < position;) {
    const rows = await log.rows<Event & { kept: boolean }>(
      `SELECT event_id::text AS key, position::int, occurred_at > ${STILL_KEPT} AS kept FROM outbox
       WHERE position > $1::bigint AND position <= $2::bigint AND type LIKE $3 ORDER BY position LIMIT ${BATCH}`,
      [after, position, TAKEN[source] ?? '%'],
    );
    const there = await eventsIn(ledger, { durable: durable.name, ids: rows.map(({ key }) => key) });
    for (const { key, position: at, kept } of rows)
      if (kept && !there.has(key))
        sheet.accounting.violation(
          `the ledger of ${durable.name} lacks ${at} of ${source}, up to ${position} received`,
        );
    after = rows.length < BATCH ? position : (rows.at(-1)?.position ?? position);
  }
  if (quiet && position === 0) sheet.accounting.look('durables without an event', 1);
}

/** Up to where the durable has stored everything; of a quiet system, everything that was relayed. */
async function positionOf(
  { sources: { bus, databases }, quiet }: Context,
  { name }: Durable,
  source: ServiceName,
): Promise<number | undefined> {
  if (bus === undefined) return quiet ? (await marksOf(databases[source])).relayed : undefined;
  return bus.taken(name, source);
}

async function eventsIn(
  ledger: Reader,
  { durable, ids }: { readonly durable: string; readonly ids: readonly string[] },
): Promise<ReadonlySet<string>> {
  const rows = await ledger.rows<{ key: string }>(
    `SELECT event_id::text AS key FROM event_ledger WHERE durable = $2 AND event_id = ANY(${AMONG_UUIDS})`,
    [listed(ids), durable],
  );
  return new Set(rows.map(({ key }) => key));
}

interface Entry extends Event {
  readonly kept: boolean;
}

/** What the ledger has, the source has told, at that position. */
async function checkLedger(
  { sources: { databases }, sheet }: Context,
  durable: Durable,
  source: string,
): Promise<void> {
  const entries = inBatches(FIRST_UUID, (after) =>
    databases[durable.service].rows<Entry>(
      `SELECT event_id::text AS key, position::int, occurred_at > ${STILL_KEPT} AS kept FROM event_ledger
       WHERE durable = $1 AND source = $2 AND event_id > $3::uuid ORDER BY event_id LIMIT ${BATCH}`,
      [durable.name, source, after],
    ),
  );
  for await (const batch of entries) {
    const rows = await databases[source as ServiceName].rows<Event>(
      `SELECT event_id::text AS key, position::int FROM outbox WHERE event_id = ANY(${AMONG_UUIDS})`,
      [listed(batch.map(({ key }) => key))],
    );
    const told = new Map(rows.map(({ key, position }) => [key, position]));
    sheet.accounting.look('ledger rows', batch.length);
    for (const { key, position, kept } of batch) {
      const at = told.get(key);
      if (at === position || (at === undefined && !kept)) continue;
      const where = at === undefined ? 'not told' : `told at ${at}`;
      sheet.accounting.violation(
        `the ledger of ${durable.name} has ${key} at ${position}, which ${source} has ${where}`,
      );
    }
  }
}

interface Tally {
  readonly durable: string;
  readonly state: string;
  readonly settled: boolean;
  readonly many: number;
}

/** A ledger's states are known ones, and settled where they are final; a pipeline's progress is what its ledger came to. */
async function checkStates(context: Context): Promise<void> {
  const { sources, sheet } = context;
  const names = new Set(DURABLES.map(({ name }) => name));
  for (const service of SERVICES.filter((one) => DURABLES.some((durable) => durable.service === one))) {
    const tallies = await sources.databases[service].rows<Tally>(
      `SELECT durable, state, settled_at IS NOT NULL AS settled, count(*)::int AS many
       FROM event_ledger GROUP BY durable, state, settled_at IS NOT NULL`,
    );
    for (const { durable, state, settled, many } of tallies) {
      const kind = LEDGER_STATES[state];
      if (!names.has(durable)) sheet.accounting.leave(`the durable ${durable}, which this checker does not know`);
      if (kind === undefined)
        sheet.accounting.violation(`${many} events of ${durable} are in the unknown state ${state}`);
      else if ((kind === 'open') === settled)
        sheet.accounting.violation(`${many} events of ${durable} are ${state} and ${settled ? '' : 'not '}settled`);
    }
  }
  for (const durable of DURABLES) if (durable.pipeline !== undefined) await checkProgress(context, durable);
}

interface Progress {
  readonly applied: string;
  readonly superseded: string;
  readonly ledger_applied: number;
  readonly ledger_superseded: number;
  readonly others: number;
}

/** Every event that was received is applied, superseded, given up or waiting: together as many as the source has told. */
async function checkProgress(context: Context, durable: Durable): Promise<void> {
  const { sources, sheet, quiet } = context;
  const source = durable.sources[0] ?? 'user';
  const received = await positionOf(context, durable, source);
  const [row] = await sources.databases.sync.rows<Progress>(
    `SELECT coalesce(max(p.applied), 0) AS applied, coalesce(max(p.superseded), 0) AS superseded,
       (SELECT count(*)::int FROM event_ledger WHERE durable = $1 AND state = 'APPLIED') AS ledger_applied,
       (SELECT count(*)::int FROM event_ledger WHERE durable = $1 AND state = 'SUPERSEDED') AS ledger_superseded,
       (SELECT count(*)::int FROM event_ledger WHERE durable = $1 AND state NOT IN (${statesOf('forgotten')})) AS others
     FROM pipeline_progress AS p WHERE pipeline = $1`,
    [durable.name],
  );
  if (row === undefined) return;
  const { ledger_applied: applied, ledger_superseded: superseded, others } = row;
  const { stamped, pruned } = await marksOf(sources.databases[source]);
  const told = { applied: Number(row.applied), superseded: Number(row.superseded) };
  const total = told.applied + told.superseded + others;
  const tell = (sentence: string): void => sheet.accounting.violation(`${durable.name} ${sentence}`);
  if (told.applied < applied || told.superseded < superseded)
    tell(`shows ${told.applied} applied and ${told.superseded} superseded, its ledger ${applied} and ${superseded}`);
  if (received !== undefined && total < received) tell(`accounts for ${total} events of ${received} received`);
  // What was forgotten can be received and counted once more, by a rewind to before it.
  if (pruned > 0) return;
  if (total > stamped) tell(`accounts for ${total} events, though ${source} told ${stamped}`);
  if (quiet && told.applied + told.superseded !== applied + superseded)
    tell(`shows ${told.applied + told.superseded} events taken, its ledger ${applied + superseded}`);
}
