import { channel } from 'node:diagnostics_channel';
import type { DocumentCollection } from './document-store.ts';

/** One query that a document store sends to its server. */
export interface DocumentQuery {
  readonly operation: keyof DocumentCollection<object>;
  readonly collection: string;
}

/** Carries every {@link DocumentQuery}, for whoever wants to count them. */
export const documentQueries = channel('lockstep:documents');

export function publishQuery(query: DocumentQuery): void {
  if (documentQueries.hasSubscribers) documentQueries.publish(query);
}
