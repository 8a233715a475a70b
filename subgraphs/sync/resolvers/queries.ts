import { connection, pageRequest, type Connection, type PageArguments } from '#shared/graphql/connection.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { requireOperator } from '#shared/identity/viewer.ts';
import { PIPELINES } from '../domain/pipeline.ts';
import type { RecordSync, SyncEntity } from '../domain/record-sync.ts';
import { listUnsynced, UNSYNCED_SORT_KEY } from '../store/record-syncs.ts';
import { pipelineView, type PipelineView } from './pipeline-view.ts';
import type { SyncServices } from './services.ts';

interface UnsyncedArguments extends PageArguments {
  readonly entity?: SyncEntity | null;
}

export function queries(services: SyncServices): Record<string, unknown> {
  return {
    syncPipelines: (_: unknown, _arguments: unknown, { viewer }: RequestContext): Promise<PipelineView[]> => {
      requireOperator(viewer);
      return Promise.all(PIPELINES.map((pipeline) => pipelineView(services, pipeline)));
    },
    syncPipeline: (_: unknown, { id }: { id: string }, { viewer }: RequestContext) => {
      requireOperator(viewer);
      return findPipeline(services, id);
    },
    unsyncedRecords: async (
      _: unknown,
      { entity, ...page }: UnsyncedArguments,
      { viewer }: RequestContext,
    ): Promise<Connection<RecordSync>> => {
      requireOperator(viewer);
      const request = pageRequest(page, UNSYNCED_SORT_KEY);
      const rows = await listUnsynced(services.db, entity ?? undefined, request);
      const { edges, pageInfo } = connection(rows, request, (row) => row.sortKey);
      return { edges: edges.map(({ node, cursor }) => ({ node: node.record, cursor })), pageInfo };
    },
  };
}

/** The pipeline with this id and its live status, or null. */
export function findPipeline(services: SyncServices, id: string): Promise<PipelineView> | null {
  const pipeline = PIPELINES.find((candidate) => candidate.id === id);
  return pipeline === undefined ? null : pipelineView(services, pipeline);
}
