import { loaderPerRequest } from '#shared/graphql/loader.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { mayRead } from '#shared/identity/viewer.ts';
import { PIPELINES } from '../domain/pipeline.ts';
import {
  asSeenFrom,
  shownVersions,
  unheardOf,
  type RecordReference,
  type RecordSync,
  type SyncEntity,
} from '../domain/record-sync.ts';
import type { OrderResolvers, ProductResolvers, UserResolvers } from '../generated/resolver-types.ts';
import { recordSyncsOf } from '../store/record-syncs.ts';
import type { SyncServices } from './services.ts';

/** The targets that records of a kind go to. */
export function targetsOf(entity: SyncEntity): string[] {
  return PIPELINES.filter((pipeline) => pipeline.kind === 'REPLICATION' && pipeline.entity === entity).map(
    ({ target }) => target,
  );
}

/**
 * `syncState` of a kind of record: every configured target, each as seen from the version that the gateway has just read at the source.
 * It follows the record's owner.
 */
export function syncStateFields(
  { db }: SyncServices,
  entity: SyncEntity,
  ownerOf: (record: RecordReference) => string | null,
): FieldResolvers<UserResolvers> & FieldResolvers<OrderResolvers> & FieldResolvers<ProductResolvers> {
  const loader = loaderPerRequest(
    async (ids) => [...Map.groupBy(await recordSyncsOf(db, entity, ids), (record) => record.recordId).values()],
    (records) => records[0]?.recordId ?? '',
  );
  return {
    __resolveReference: (reference) => reference,
    syncState: async (record, _, context) => {
      if (!mayRead(context.viewer, ownerOf(record))) return null;
      const { id: recordId, version = 1 } = record;
      const known = (await loader(context).load(recordId)) ?? [];
      const atTarget = (target: string): RecordSync =>
        known.find((one) => one.target === target) ?? unheardOf({ entity, recordId, target }, version);
      return targetsOf(entity).map((target) => asSeenFrom(version, atTarget(target)));
    },
  };
}

/** The record itself: a reference, which the gateway resolves at the service that owns it. */
const referenceTo =
  (entity: SyncEntity) =>
  (record: RecordSync): RecordReference | null =>
    record.entity === entity ? { id: record.recordId } : null;

export const recordSyncFields = {
  sourceVersion: (record: RecordSync): number => shownVersions(record).sourceVersion,
  targetVersion: (record: RecordSync): number | null => shownVersions(record).targetVersion,
  user: referenceTo('USER'),
  order: referenceTo('ORDER'),
  product: referenceTo('PRODUCT'),
};
