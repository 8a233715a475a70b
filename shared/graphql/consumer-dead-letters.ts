import { versionOf } from '../cloud-event.ts';
import type { CommandServices } from '../command.ts';
import { discardOfConsumer, redeliverToConsumer } from '../events/consumer-dead-letters.ts';
import { DEAD_LETTER_SORT_KEY, deadLetterSortKey, listDeadLetters } from '../events/dead-letters.ts';
import type { LedgerEntry } from '../events/ledger.ts';
import { requireAdmin } from '../identity/viewer.ts';
import type { Answer } from '../store/idempotency.ts';
import { connection, pageRequest, type Connection, type PageArguments } from './connection.ts';
import type { RequestContext } from './context.ts';
import { callerOf, payloadBase, type PayloadBase } from './payload.ts';

/** What the resolvers of a consumer's dead letters work with. */
export interface ConsumerDoor extends CommandServices {
  readonly durable: string;
  /** Is woken when something is due again. */
  readonly consumer: { wake(): void };
}

/** A dead letter as the schemas show it. */
export interface ConsumerDeadLetterView {
  readonly eventId: string;
  readonly type: string;
  readonly source: string;
  readonly recordId: string;
  readonly version: number;
  readonly error: string;
  readonly attempts: number;
  readonly redeliveries: number;
  readonly payload: string;
  readonly occurredAt: Date;
  readonly deadLetteredAt: Date;
}

/** A page of the consumer's dead letters, for admins. */
export async function consumerDeadLetters(
  { db, durable }: Pick<ConsumerDoor, 'db' | 'durable'>,
  page: PageArguments,
  { viewer }: RequestContext,
): Promise<Connection<ConsumerDeadLetterView>> {
  requireAdmin(viewer);
  const request = pageRequest(page, DEAD_LETTER_SORT_KEY);
  const { edges, pageInfo } = connection(await listDeadLetters(db, durable, request), request, deadLetterSortKey);
  return { edges: edges.map(({ node, cursor }) => ({ node: viewOf(node), cursor })), pageInfo };
}

interface MutationArguments {
  readonly input: unknown;
  readonly idempotencyKey: string;
}
type DoorPayload = PayloadBase<'DEAD_LETTER_NOT_FOUND'>;
type DoorMutation<Payload> = (_: unknown, given: MutationArguments, context: RequestContext) => Promise<Payload>;

/** Resolves the mutation `field`, which delivers dead letters of the consumer again. */
export function redeliverField(
  door: ConsumerDoor,
  field: string,
): DoorMutation<DoorPayload & { readonly redelivered: number | null }> {
  return async (_, { input, idempotencyKey }, context) => {
    const call = { durable: door.durable, field, given: input, by: callerOf(context, idempotencyKey) };
    const answer = await redeliverToConsumer(door, call);
    return { ...payloadOf(door, answer, context), redelivered: answer.outcome.data?.redelivered ?? null };
  };
}

/** Resolves the mutation `field`, which gives a dead letter of the consumer up. */
export function discardField(door: ConsumerDoor, field: string): DoorMutation<DoorPayload> {
  return async (_, { input, idempotencyKey }, context) => {
    const call = { durable: door.durable, field, given: input, by: callerOf(context, idempotencyKey) };
    return payloadOf(door, await discardOfConsumer(door, call), context);
  };
}

function payloadOf(
  { consumer }: ConsumerDoor,
  answer: Answer<unknown, 'DEAD_LETTER_NOT_FOUND'>,
  context: RequestContext,
): DoorPayload {
  if (!answer.replayed) consumer.wake();
  return payloadBase(answer, context);
}

function viewOf({ event, eventId, source, revision, attempts, ...entry }: LedgerEntry): ConsumerDeadLetterView {
  return {
    eventId,
    type: event.type,
    source,
    recordId: event.subject,
    version: versionOf(revision),
    error: entry.lastError ?? '',
    attempts,
    redeliveries: entry.interventions.length,
    payload: JSON.stringify(event.data),
    occurredAt: entry.occurredAt,
    deadLetteredAt: entry.settledAt ?? entry.dueAt,
  };
}
