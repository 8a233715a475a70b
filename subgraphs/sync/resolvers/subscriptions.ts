import type { RequestContext } from '#shared/graphql/context.ts';
import { taken } from '#shared/graphql/live-records.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { streaming, type StreamEvent } from '#shared/graphql/subscribe.ts';
import { mayRead, requireOperator, requireSignedIn } from '#shared/identity/viewer.ts';
import { Refusal } from '#shared/refusal.ts';
import { pause } from '#shared/retry.ts';
import { cancellable } from '#shared/stream.ts';
import { PIPELINES } from '../domain/pipeline.ts';
import { recordSyncFromSnapshot } from '../domain/record-events.ts';
import { isHeld, type RecordSync } from '../domain/record-sync.ts';
import type {
  SubscriptionAwaitSyncArgs,
  SubscriptionRecordSyncedArgs,
  SubscriptionResolvers,
  SyncPipeline,
} from '../generated/resolver-types.ts';
import { recordSyncsOf } from '../store/record-syncs.ts';
import { pipelineView } from './pipeline-view.ts';
import { targetsOf } from './record-sync.ts';
import type { SyncServices } from './services.ts';

export function subscriptions(services: SyncServices): FieldResolvers<SubscriptionResolvers> {
  return {
    recordSynced: streaming((_, wanted, { viewer }) => {
      requireSignedIn(viewer);
      return cancellable((signal) => recordsSynced(services, { wanted, signal, viewer }));
    }),
    syncStatusChanged: streaming((_, { pipeline }, { viewer }) => {
      requireOperator(viewer);
      return cancellable((signal) => statusChanges(services, pipeline ?? undefined, signal));
    }),
    awaitSync: streaming((_, awaited, { viewer }) => {
      requireSignedIn(viewer);
      // A user is its own owner and products belong to no one, so this tells nothing about whether the record exists.
      const ownerId = awaited.entity === 'USER' ? awaited.id : null;
      if (awaited.entity !== 'ORDER' && !mayRead(viewer, ownerId)) {
        throw new Refusal('FORBIDDEN', "This record is not the caller's to watch.");
      }
      return cancellable((signal) => untilSynced(services, { ...awaited, viewer }, signal));
    }),
  };
}

interface Following {
  readonly wanted: SubscriptionRecordSyncedArgs;
  readonly viewer: RequestContext['viewer'];
  readonly signal: AbortSignal;
}

function recordsSynced(
  { feed }: SyncServices,
  { wanted, viewer, signal }: Following,
): AsyncGenerator<StreamEvent<RecordSync>> {
  return taken(feed.follow({ after: wanted.after, signal }), ({ ownerid, data }) => {
    if (!mayRead(viewer, ownerid)) return undefined;
    const record = recordSyncFromSnapshot(data);
    const matches =
      (wanted.entity ?? record.entity) === record.entity && (wanted.id ?? record.recordId) === record.recordId;
    return matches ? record : undefined;
  });
}

/** How often a status is looked at while somebody watches. */
const SAMPLE_MS = 500;

async function* statusChanges(
  services: SyncServices,
  id: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent<SyncPipeline>> {
  const watched = PIPELINES.filter((pipeline) => id === undefined || pipeline.id === id);
  if (watched.length === 0) throw new Refusal('BAD_USER_INPUT', 'There is no such pipeline.', { field: 'pipeline' });
  const shown = new Map<string, string>();
  while (!signal.aborted) {
    for (const pipeline of watched) {
      const value = await pipelineView(services, pipeline);
      const text = JSON.stringify(value);
      if (shown.get(pipeline.id) !== text) yield { value, stream: 'state' };
      shown.set(pipeline.id, text);
    }
    await pause(SAMPLE_MS, signal);
  }
}

async function* untilSynced(
  { db, feed }: SyncServices,
  { entity, id, version, viewer }: SubscriptionAwaitSyncArgs & { readonly viewer: RequestContext['viewer'] },
  signal: AbortSignal,
): AsyncGenerator<StreamEvent<RecordSync>> {
  const waiting = new Set(targetsOf(entity));
  // Ends following also when all targets hold the record: a follower that nobody reads would stay, and fill its queue.
  const finished = new AbortController();
  const live = feed.follow({ signal: AbortSignal.any([signal, finished.signal]) });
  // The first step registers with the feed, so that nothing happens between reading what is and following what comes.
  let next = live.next();
  next.catch(() => undefined);
  const reached = (record: RecordSync): boolean =>
    mayRead(viewer, record.ownerId) && isHeld(version, record) && waiting.delete(record.target);
  try {
    for (const record of await recordSyncsOf(db, entity, [id]))
      if (reached(record)) yield { value: record, stream: 'own' };
    while (waiting.size > 0) {
      const { done, value } = await next;
      if (done === true) return;
      if (value.event === undefined) {
        next = live.next();
        continue;
      }
      const told = recordSyncFromSnapshot(value.event.data);
      // What is told is of its moment: a version of an epoch that has ended since may be as high as the one awaited.
      const now = told.entity === entity && told.recordId === id ? await recordSyncsOf(db, entity, [id]) : [];
      const held = now.find((record) => record.target === told.target && reached(record));
      if (held !== undefined) yield { value: held, cursor: value.cursor, stream: 'own' };
      if (waiting.size > 0) next = live.next();
    }
  } finally {
    finished.abort();
    await live.return(undefined);
  }
}
