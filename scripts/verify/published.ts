import { marksOf } from './accounting.ts';
import type { BusLog } from './bus-log.ts';
import type { Context } from './context.ts';
import { SERVICES, STILL_KEPT, type ServiceName } from './durables.ts';
import { BATCH } from './readers.ts';

/** Invariant 9 at the bus: what a source has relayed is there, event by event, and the bus goes as far as the source says. */
export async function checkPublished(context: Context): Promise<void> {
  const { bus } = context.sources;
  if (bus === undefined) {
    context.sheet.accounting.leave("the bus's own log, since no bus was named");
    return;
  }
  for (const source of SERVICES) await checkSource(context, { source, bus });
}

interface Published {
  readonly source: ServiceName;
  readonly bus: BusLog;
}

interface Told {
  readonly key: string;
  readonly position: number;
  readonly kept: boolean;
}

/** How far the source has relayed is read before the bus, which only ever goes on. */
async function checkSource({ sources, sheet, quiet }: Context, { source, bus }: Published): Promise<void> {
  const log = sources.databases[source];
  const { relayed } = await marksOf(log);
  const head = await bus.head(source);
  // Beyond what was relayed, new events would be taken for repetitions.
  if (head < relayed || (quiet && head > relayed))
    sheet.accounting.violation(`the bus goes to ${head} of ${source}, which relayed up to ${relayed}`);
  for (let after = 0; after < relayed;) {
    const rows = await log.rows<Told>(
      `SELECT event_id::text AS key, position::int, occurred_at > ${STILL_KEPT} AS kept FROM outbox
       WHERE position > $1::bigint AND position <= $2::bigint ORDER BY position LIMIT ${BATCH}`,
      [after, relayed],
    );
    const published = await bus.ids(
      source,
      rows.map(({ position }) => position),
    );
    sheet.accounting.look('events on the bus', published.size);
    for (const { key, position, kept } of rows) {
      const there = published.get(position);
      if (there === key || (there === undefined && !kept)) continue;
      sheet.accounting.violation(`the bus has ${there ?? 'nothing'} at ${position} of ${source}, which told ${key}`);
    }
    after = rows.length < BATCH ? relayed : (rows.at(-1)?.position ?? relayed);
  }
}
