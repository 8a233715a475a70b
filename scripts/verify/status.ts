import type { Context } from './context.ts';
import { DURABLES, type Durable } from './durables.ts';
import { AMONG, BATCH, inBatches, listed, tellBreaches, type Reader } from './readers.ts';
import { byKey, ENTITIES, type EntityName } from './records.ts';

/** What sync says of a record at a target. */
interface Said {
  readonly key: string;
  readonly state: string;
  readonly source_revision: string;
  readonly target_revision: string | null;
  readonly unsynced: boolean;
}

interface Replicas {
  readonly entity: EntityName;
  readonly target: string;
}

/** Invariant 10: what is said of records is what the targets hold, and nobody is shown less lag than there is. */
export async function checkStatus(context: Context): Promise<void> {
  const { sources, sheet, quiet } = context;
  if (!quiet) sheet.status.leave('whether what is said is the latest');
  for (const { pipeline } of DURABLES) if (pipeline !== undefined) await checkSaid(context, pipeline);
  await tellBreaches(
    sources.databases.sync,
    `SELECT format('%s shows %s dead letters, its ledger has %s', durable, coalesce(max(dead_lettered), 0), count(*)) AS sentence
     FROM event_ledger LEFT JOIN pipeline_progress ON pipeline = durable
     WHERE state = 'DEAD_LETTERED' GROUP BY durable HAVING count(*) > coalesce(max(dead_lettered), 0)`,
    (sentence) => sheet.status.violation(sentence),
  );
  if (quiet) await checkPushed(context);
  await checkShown(context);
}

const SAID = `SELECT record_id AS key, state, source_revision, target_revision, unsynced_since IS NOT NULL AS unsynced FROM record_syncs`;

function saidOf(sync: Reader, { entity, target }: Replicas): AsyncGenerator<readonly Said[]> {
  return inBatches('', (after) =>
    sync.rows<Said>(`${SAID} WHERE entity = $1 AND target = $2 AND record_id > $3 ORDER BY record_id LIMIT ${BATCH}`, [
      entity,
      target,
      after,
    ]),
  );
}

/** What is said is read before targets and sources, which only ever move on. */
async function checkSaid(context: Context, replicas: NonNullable<Durable['pipeline']>): Promise<void> {
  const { sources, sheet, quiet } = context;
  const { entity, target } = replicas;
  const copies = sources.target(target, entity);
  const source = sources.source(entity);
  if (copies === undefined) sheet.status.leave(`what ${target} holds of ${ENTITIES[entity].table}`);
  for await (const batch of saidOf(sources.databases.sync, replicas)) {
    const ids = batch.map(({ key }) => key);
    const [held, told] = [await copies?.find(ids), await source.find(ids)];
    sheet.status.look(`${ENTITIES[entity].table} at ${target}`, batch.length);
    for (const said of batch) {
      const truth = { held: held && (held.get(said.key)?.revision ?? null), source: told.get(said.key)?.revision };
      for (const wrong of wrongWith(said, truth, quiet)) sheet.status.violation(`of ${said.key} at ${target} ${wrong}`);
    }
  }
  if (!quiet) return;
  for await (const batch of source.batches()) {
    const known = await knownAmong(
      sources.databases.sync,
      replicas,
      batch.map(({ key }) => key),
    );
    for (const { key } of batch)
      if (!known.has(key))
        sheet.status.violation(`of ${key} at ${target} nothing is said, not even that it is not there`);
  }
}

async function knownAmong(
  sync: Reader,
  { entity, target }: Replicas,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Said>> {
  return byKey(
    await sync.rows<Said>(`${SAID} WHERE record_id = ANY(${AMONG}) AND entity = $2 AND target = $3`, [
      listed(ids),
      entity,
      target,
    ]),
  );
}

interface Truth {
  /** Null when the target holds nothing, undefined when it cannot be looked at. */
  readonly held: number | null | undefined;
  readonly source: number | undefined;
}

function wrongWith(said: Said, { held, source }: Truth, quiet: boolean): string[] {
  const { state, unsynced } = said;
  const of = Number(said.source_revision);
  const at = said.target_revision === null ? null : Number(said.target_revision);
  const isThere = at !== null && at >= of;
  const says = `revision ${at} of ${of} is said to be held`;
  const less = held !== undefined && (quiet ? held !== at : (held ?? -1) < (at ?? -1));
  return [
    ...(less ? [`${says}, and it is ${held}`] : []),
    ...((state === 'APPLIED' || state === 'SUPERSEDED') && !isThere ? [`${says}, and that it is ${state}`] : []),
    ...(!unsynced && !isThere ? [`${says}, and it is not among the unsynced`] : []),
    ...(quiet && isThere && (unsynced || !(state === 'APPLIED' || state === 'SUPERSEDED'))
      ? [`${says}, and that it is ${state}${unsynced ? ', unsynced' : ''}`]
      : []),
    ...(source === undefined || of > source || (quiet && of < source)
      ? [`the source is said to be at ${of}, and it is ${source === undefined ? 'gone' : `at ${source}`}`]
      : []),
  ];
}

/** The last that subscribers were told of a record's copy is what a query is answered. */
async function checkPushed({ sources: { databases }, sheet }: Context): Promise<void> {
  await tellBreaches(
    databases.sync,
    `SELECT format('of %s at %s version %s was pushed last, and version %s is said to be held', record_id, target, pushed, held) AS sentence
     FROM (SELECT entity, record_id, target, target_revision % 4294967296 AS held FROM record_syncs) AS said
     JOIN (SELECT DISTINCT ON (entity, target, record_id) entity, target, record_id, pushed FROM (
         SELECT data ->> 'entity' AS entity, data ->> 'target' AS target, subject AS record_id, (data ->> 'targetVersion')::bigint AS pushed, position
         FROM outbox WHERE type LIKE 'replica.%') AS told
       ORDER BY entity, target, record_id, position DESC) AS told USING (entity, record_id, target)
     WHERE pushed IS DISTINCT FROM held`,
    (sentence) => sheet.status.violation(sentence),
  );
}

/** What people see. Of a quiet system nothing may be shown as lagging, and what is unknown is not shown as none. */
async function checkShown({ sources: { databases }, sheet, shown, quiet }: Context): Promise<void> {
  if (shown === undefined || !quiet) {
    sheet.status.leave(shown === undefined ? 'what the API shows' : 'the lag that the API shows');
    return;
  }
  for (const { id, counts, lag } of await shown()) {
    const source = DURABLES.find(({ name }) => name === id)?.sources[0];
    if (source === undefined) continue;
    const [kept] = await databases[source].rows<{ stamped: string }>(
      `SELECT coalesce(max(value), 0) AS stamped FROM service_state WHERE name = 'stamped'`,
    );
    sheet.status.look('pipelines as shown', 1);
    const committed = Number(kept?.stamped ?? 0);
    const sum = counts.applied + counts.superseded + (counts.inFlight ?? 0) + counts.deadLettered + counts.discarded;
    if (counts.committed !== committed || sum !== committed || counts.inFlight !== 0)
      sheet.status.violation(`${id} shows ${JSON.stringify(counts)}, of ${committed} events`);
    if (lag === null) sheet.status.violation(`the lag of ${id} is shown as unknown`);
    else if (lag.records > 0 !== lag.seconds > 0 || lag.records > counts.deadLettered + counts.discarded)
      sheet.status.violation(`${id} shows a lag of ${lag.records} records, ${lag.seconds} s`);
  }
}
