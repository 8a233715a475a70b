import type { Context } from './context.ts';
import { DURABLES, STILL_KEPT, type Durable } from './durables.ts';
import { tellBreaches } from './readers.ts';
import { customersOf, ENTITIES, hashOf, type Copies, type Copy, type EntityName } from './records.ts';

/** Invariant 8. */
export async function checkConvergence(context: Context): Promise<void> {
  const { sources, sheet, quiet } = context;
  if (!quiet)
    sheet.convergence.leave('records that a copy lacks, and copies that are behind: they may be on their way');
  for (const { pipeline } of DURABLES) {
    if (pipeline === undefined) continue;
    const { entity, target } = pipeline;
    const copies = sources.target(target, entity);
    if (copies === undefined) sheet.convergence.leave(`the copies of ${ENTITIES[entity].table} at ${target}`);
    else
      await compare(context, {
        source: sources.source(entity),
        copies,
        discarded: await discardedOf(context, pipeline),
      });
  }
  await compare(context, {
    source: sources.source('USER'),
    copies: customersOf(sources.databases.order),
    discarded: new Map(),
  });
  for (const entity of ['USER', 'ORDER', 'PRODUCT'] as const) await checkLog(context, entity);
  await checkTold(context);
}

interface Comparison {
  readonly source: Copies;
  readonly copies: Copies;
  /** By record, the latest revision that an admin has discarded: that copy stays behind, and is said to. */
  readonly discarded: ReadonlyMap<string, number>;
}

async function discardedOf(
  { sources: { databases } }: Context,
  { entity, target }: NonNullable<Durable['pipeline']>,
): Promise<ReadonlyMap<string, number>> {
  const rows = await databases.sync.rows<{ key: string; revision: string }>(
    `SELECT record_id AS key, discarded_revision AS revision FROM record_syncs
     WHERE entity = $1 AND target = $2 AND discarded_revision IS NOT NULL`,
    [entity, target],
  );
  return new Map(rows.map(({ key, revision }) => [key, Number(revision)]));
}

/** Each batch of copies is read before its sources: a copy may be behind, never ahead. */
async function compare({ sheet: { convergence }, quiet }: Context, comparison: Comparison): Promise<void> {
  const { source, copies, discarded } = comparison;
  const isDiscarded = ({ key, revision }: Copy): boolean => revision <= (discarded.get(key) ?? -1);
  for await (const batch of copies.batches()) {
    const sources = await source.find(batch.map(({ key }) => key));
    convergence.look(`copies at ${copies.name}`, batch.length);
    for (const copy of batch) {
      const of = sources.get(copy.key);
      const mayBeBehind = !quiet || (of !== undefined && isDiscarded(of));
      const wrong = wrongWith(copy, of, { copies, mayBeBehind });
      if (wrong !== undefined) convergence.violation(wrong);
    }
  }
  if (!quiet) return;
  for await (const batch of source.batches()) {
    const there = await copies.find(batch.map(({ key }) => key));
    for (const record of batch)
      if (!there.has(record.key) && !isDiscarded(record)) convergence.violation(`${copies.name} lacks ${record.key}`);
  }
}

function wrongWith(
  copy: Copy,
  source: Copy | undefined,
  { copies: { name, columns }, mayBeBehind }: { readonly copies: Copies; readonly mayBeBehind: boolean },
): string | undefined {
  const { key, revision } = copy;
  if (source === undefined) return `${name} holds ${key}, which its source does not`;
  if (revision > source.revision) return `${name} holds ${key} at ${revision}, its source only at ${source.revision}`;
  if (revision < source.revision)
    return mayBeBehind ? undefined : `${name} holds ${key} at ${revision}, its source at ${source.revision}`;
  const [held, wanted] = [hashOf(copy, columns), hashOf(source, columns)];
  return held === wanted ? undefined : `${name} holds ${key} at ${revision} as ${held}, its source as ${wanted}`;
}

const VERSION = 'revision % 4294967296';

/** A service's log tells each version of a record once and in order, and the last one is the record's: one moment of one database. */
async function checkLog({ sources: { databases }, sheet }: Context, name: EntityName): Promise<void> {
  const { service, table } = ENTITIES[name];
  const reader = databases[service];
  const [row] = await reader.rows<{ many: number }>('SELECT count(*)::int AS many FROM outbox');
  sheet.convergence.look('events', row?.many ?? 0);
  const tell = (sentence: string): void => sheet.convergence.violation(`the ${service} service: ${sentence}`);
  await tellBreaches(
    reader,
    `SELECT format('its log tells version %s of %s at %s, after %s', ${VERSION}, subject, position, coalesce(before, 0)) AS sentence
     FROM (SELECT position, subject, revision, revision / 4294967296 AS epoch,
         lag(${VERSION}) OVER of_record AS before, lag(revision) OVER of_record AS revision_before
       FROM outbox WHERE position IS NOT NULL WINDOW of_record AS (PARTITION BY subject ORDER BY position)) AS told
     WHERE revision <= revision_before
       OR (epoch = revision_before / 4294967296 AND ${VERSION} <> before + 1)
       OR (before IS NULL AND ${VERSION} <> 1 AND NOT EXISTS (SELECT FROM service_state WHERE name = 'pruned' AND value > 0))`,
    tell,
  );
  await tellBreaches(
    reader,
    `SELECT format('its log tells %s up to version %s, and it is at %s', id, coalesce(last, 0), version) AS sentence
     FROM ${table} LEFT JOIN (SELECT subject, max(${VERSION}) AS last FROM outbox GROUP BY subject) AS told ON subject = id::text
     WHERE last <> version OR (last IS NULL AND updated_at > ${STILL_KEPT})`,
    tell,
  );
}

/** What sync tells of a target never goes back. */
async function checkTold({ sources: { databases }, sheet }: Context): Promise<void> {
  await tellBreaches(
    databases.sync,
    `SELECT format('sync told of %s of %s at %s after %s', version, subject, target, before) AS sentence
     FROM (SELECT subject, target, version, lag(version) OVER (PARTITION BY entity, target, subject ORDER BY position) AS before
       FROM (SELECT position, subject, data ->> 'entity' AS entity, data ->> 'target' AS target, (data ->> 'targetVersion')::bigint AS version
         FROM outbox WHERE position IS NOT NULL AND type LIKE 'replica.%' AND data ->> 'targetVersion' IS NOT NULL) AS told) AS told
     WHERE version < before`,
    (sentence) => sheet.convergence.violation(sentence),
  );
}
