import { versionOf } from '#shared/cloud-event.ts';
import type { LedgerEntry } from '#shared/events/ledger.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import type { DeadLetter } from '../generated/resolver-types.ts';

/** A dead letter as the schema shows it. */
export function deadLetterView({ entity }: Pipeline, entry: LedgerEntry): DeadLetter {
  const { event, eventId, revision, attempts, occurredAt } = entry;
  return {
    eventId,
    type: event.type,
    entity,
    recordId: event.subject,
    version: versionOf(revision),
    revision: event.revision,
    error: entry.lastError ?? '',
    attempts,
    redeliveries: entry.interventions.length,
    payload: JSON.stringify(event.data),
    occurredAt,
    deadLetteredAt: entry.settledAt ?? entry.dueAt,
  };
}
