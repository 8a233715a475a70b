import { callService, type ServiceClient } from '#shared/graphql/service-client.ts';

/** What a source says of its log beyond a position. */
export interface SourceStatus {
  readonly beyond: number;
  readonly oldestBeyondAt: Date | null;
}

/** Asks services how far their logs have come. */
export type AskSource = (source: string, after: number) => Promise<SourceStatus>;

const OUTBOX_STATUS = 'query SourceStatus($after: Float!) { outboxStatus(after: $after) { beyond oldestBeyondAt } }';

interface OutboxStatusData {
  readonly outboxStatus: { readonly beyond: number; readonly oldestBeyondAt: string | null };
}

/** Asks over GraphQL. Rejects when the service does not answer. */
export function askSources(clients: Readonly<Record<string, ServiceClient>>): AskSource {
  return async (source, after) => {
    const client = clients[source];
    if (client === undefined) throw new Error(`no address for the source ${source}`);
    const { outboxStatus } = await callService<OutboxStatusData>(client, OUTBOX_STATUS, { after });
    const { beyond, oldestBeyondAt } = outboxStatus;
    return { beyond, oldestBeyondAt: oldestBeyondAt === null ? null : new Date(oldestBeyondAt) };
  };
}
