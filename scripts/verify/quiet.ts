import { pause } from '#shared/retry.ts';
import { DURABLES, SERVICES, statesOf } from './durables.ts';
import type { OpenSources } from './sources.ts';

/** How a system stands: what is on its way, by kind, and marks that move whenever something is written. */
export interface Activity {
  readonly open: Readonly<Record<string, number>>;
  readonly marks: string;
}

export const isQuiet = ({ open }: Activity): boolean => Object.keys(open).length === 0;

/** Looks at everything that can be on its way. What waits behind a dead letter rests with it, and is not. */
export async function lookAround({ databases, documents }: OpenSources): Promise<Activity> {
  const open = new Map<string, number>();
  const add = (what: string, many: number | string | undefined): void => {
    if (Number(many ?? 0) > 0) open.set(what, (open.get(what) ?? 0) + Number(many));
  };
  const marks: string[] = [];
  for (const service of SERVICES) {
    const [row] = await databases[service].rows<{ unstamped: string; unrelayed: string; last: string | null }>(`
      SELECT (SELECT count(*) FROM outbox WHERE position IS NULL) AS unstamped, (SELECT max(seq) FROM outbox) AS last,
        (SELECT coalesce(max(value) FILTER (WHERE name = 'stamped'), 0) - coalesce(max(value) FILTER (WHERE name = 'relayed'), 0)
         FROM service_state) AS unrelayed`);
    add('events not yet published', row?.unstamped);
    add('events not yet published', row?.unrelayed);
    marks.push(row?.last ?? '0');
  }
  for (const { name, service, sources } of DURABLES) {
    add('events not yet settled', await unsettled(databases[service], name));
    for (const source of sources)
      add('events not yet received', await unreceived({ databases }, { name, service, source }));
  }
  const [orders] = await databases.order.rows<{ many: string }>(
    `SELECT count(*) AS many FROM orders WHERE status IN ('PENDING', 'CANCELLING')`,
  );
  add('orders not yet decided', orders?.many);
  add('notifications to tell or deliver', await documents.unfinished());
  return { open: Object.fromEntries(open), marks: marks.join(' ') };
}

async function unsettled(reader: OpenSources['databases']['user'], durable: string): Promise<string | undefined> {
  const [row] = await reader.rows<{ many: string }>(
    `SELECT count(*) AS many FROM event_ledger AS entry WHERE durable = $1 AND settled_at IS NULL AND NOT EXISTS (
       SELECT FROM event_ledger AS earlier WHERE earlier.durable = entry.durable AND earlier.source = entry.source
         AND earlier.record = entry.record AND earlier.position < entry.position AND earlier.state IN (${statesOf('blocking')}))`,
    [durable],
  );
  return row?.many;
}

/** Events of the source beyond the last that the durable has. A bus delivers each source in its order. */
async function unreceived(
  { databases }: Pick<OpenSources, 'databases'>,
  {
    name,
    service,
    source,
  }: { readonly name: string; readonly service: keyof typeof databases; readonly source: keyof typeof databases },
): Promise<string | undefined> {
  const [last] = await databases[service].rows<{ position: string | null }>(
    'SELECT max(position) AS position FROM event_ledger WHERE durable = $1 AND source = $2',
    [name, source],
  );
  const [row] = await databases[source].rows<{ many: string }>(
    'SELECT count(*) AS many FROM outbox WHERE position > $1::bigint',
    [last?.position ?? 0],
  );
  return row?.many;
}

/** A system that is at rest for a moment is asked again soon; one that is not takes some seconds at best. */
const BETWEEN_LOOKS_MS = 500;

/** Looks until the system is quiet, at most so long; gives what was seen last. */
export async function waitForQuiet(sources: OpenSources, waitMs: number): Promise<Activity> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const activity = await lookAround(sources);
    if (isQuiet(activity) || Date.now() >= deadline) return activity;
    await pause(BETWEEN_LOOKS_MS);
  }
}
