import { DEAD_LETTER_SORT_KEY, deadLetterSortKey, listDeadLetters } from '#shared/events/dead-letters.ts';
import { connection, pageRequest } from '#shared/graphql/connection.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { requireAdmin, requireOperator } from '#shared/identity/viewer.ts';
import { PIPELINES } from '../domain/pipeline.ts';
import type { QueryResolvers, SyncPipeline } from '../generated/resolver-types.ts';
import { listUnsynced, UNSYNCED_SORT_KEY } from '../store/record-syncs.ts';
import { deadLetterView } from './dead-letter-view.ts';
import { pipelineView } from './pipeline-view.ts';
import type { SyncServices } from './services.ts';

export function queries(services: SyncServices): FieldResolvers<QueryResolvers> {
  return {
    syncPipelines: (_, _arguments, { viewer }) => {
      requireOperator(viewer);
      return Promise.all(PIPELINES.map((pipeline) => pipelineView(services, pipeline)));
    },
    syncPipeline: (_, { id }, { viewer }) => {
      requireOperator(viewer);
      return findPipeline(services, id);
    },
    unsyncedRecords: async (_, { entity, ...page }, { viewer }) => {
      requireOperator(viewer);
      const request = pageRequest(page, UNSYNCED_SORT_KEY);
      const rows = await listUnsynced(services.db, entity ?? undefined, request);
      const { edges, pageInfo } = connection(rows, request, (row) => row.sortKey);
      return { edges: edges.map(({ node, cursor }) => ({ node: node.record, cursor })), pageInfo };
    },
    deadLetters: async (_, { pipeline: id, ...page }, { viewer }) => {
      requireAdmin(viewer);
      const request = pageRequest(page, DEAD_LETTER_SORT_KEY);
      const pipeline = PIPELINES.find((candidate) => candidate.id === id && candidate.driven);
      if (pipeline === undefined) return null;
      const entries = await listDeadLetters(services.db, pipeline.id, request);
      const { edges, pageInfo } = connection(entries, request, deadLetterSortKey);
      return { edges: edges.map(({ node, cursor }) => ({ node: deadLetterView(pipeline, node), cursor })), pageInfo };
    },
  };
}

/** The pipeline with this id and its live status, or null. */
export function findPipeline(services: SyncServices, id: string): Promise<SyncPipeline> | null {
  const pipeline = PIPELINES.find((candidate) => candidate.id === id);
  return pipeline === undefined ? null : pipelineView(services, pipeline);
}
