import type { RequestContext } from '#shared/graphql/context.ts';
import { loaderPerRequest } from '#shared/graphql/loader.ts';
import { mayRead } from '#shared/identity/viewer.ts';
import { PIPELINES } from '../domain/pipeline.ts';
import { asSeenFrom, unheardOf, type RecordSync, type SyncEntity } from '../domain/record-sync.ts';
import { recordSyncsOf } from '../store/record-syncs.ts';
import type { SyncServices } from './services.ts';

/** The targets that records of a kind go to. */
export function targetsOf(entity: SyncEntity): string[] {
  return PIPELINES.filter((pipeline) => pipeline.kind === 'REPLICATION' && pipeline.entity === entity).map(
    ({ target }) => target,
  );
}

interface UserReference {
  readonly id: string;
  readonly version?: number;
}

/** `User.syncState`: every configured target, each as seen from the version that the gateway has just read at the source. */
export function userFields({ db }: SyncServices): Record<string, unknown> {
  const loader = loaderPerRequest(
    async (ids) => [...Map.groupBy(await recordSyncsOf(db, 'USER', ids), (record) => record.recordId).values()],
    (records) => records[0]?.recordId ?? '',
  );
  return {
    __resolveReference: (reference: UserReference) => reference,
    syncState: async (
      { id, version = 1 }: UserReference,
      _: unknown,
      context: RequestContext,
    ): Promise<RecordSync[] | null> => {
      if (!mayRead(context.viewer, id)) return null;
      const known = (await loader(context).load(id)) ?? [];
      return targetsOf('USER').map((target) =>
        asSeenFrom(
          version,
          known.find((record) => record.target === target) ??
            unheardOf({ entity: 'USER', recordId: id, target }, version),
        ),
      );
    },
  };
}

/** `RecordSync.user`: a reference, which the gateway resolves at the user service. */
export const recordSyncFields = {
  user: ({ entity, recordId }: RecordSync): UserReference | null => (entity === 'USER' ? { id: recordId } : null),
};
