import { z } from 'zod';
import type { Caller, CommandServices } from '../command.ts';
import { discardFields, oneOrAll, redeliverFields } from '../dead-letter-input.ts';
import { callerName, requireAdmin } from '../identity/viewer.ts';
import { checkInput } from '../input.ts';
import { refused } from '../refusal.ts';
import type { Answer } from '../store/idempotency.ts';
import { discard, redeliver, redeliverOldest } from './dead-letters.ts';

const redeliverInput = z.object(redeliverFields).check(oneOrAll);
const discardInput = z.object(discardFields);

/** A mutation about dead letters of a consumer. */
export interface DeadLetterCall {
  readonly durable: string;
  /** The mutation's field, for its key. */
  readonly field: string;
  readonly given: unknown;
  readonly by: Caller;
}

type DeadLetterAnswer<Done> = Promise<Answer<Done, 'DEAD_LETTER_NOT_FOUND'>>;

/** What is frozen with the key. */
export interface ConsumerRedelivered {
  readonly redelivered: number;
}

/**
 * Makes a dead letter of the service's consumer due again, or those of longest standing, once per key; for admins. Refuses with
 * `DEAD_LETTER_NOT_FOUND` when somebody has been quicker.
 */
export async function redeliverToConsumer(
  { idempotency }: Pick<CommandServices, 'idempotency'>,
  { durable, field, given, by }: DeadLetterCall,
): DeadLetterAnswer<ConsumerRedelivered> {
  requireAdmin(by.viewer);
  const { eventId } = checkInput(redeliverInput, given);
  const caller = callerName(by.viewer);
  const call = { caller, field, key: by.idempotencyKey, args: given };
  return idempotency.once<ConsumerRedelivered, void, 'DEAD_LETTER_NOT_FOUND'>(call, {
    prepare: () => Promise.resolve(),
    effect: async (tx) => {
      const who = { durable, by: caller, at: new Date() };
      if (eventId == null) return { data: { redelivered: (await redeliverOldest(tx, who)).length } };
      const entry = await redeliver(tx, who, eventId);
      return entry === undefined ? noDeadLetter() : { data: { redelivered: 1 } };
    },
  });
}

/** Gives a dead letter of the service's consumer up for good, once per key; for admins. Refuses with `DEAD_LETTER_NOT_FOUND`. */
export async function discardOfConsumer(
  { idempotency }: Pick<CommandServices, 'idempotency'>,
  { durable, field, given, by }: DeadLetterCall,
): DeadLetterAnswer<{ readonly eventId: string }> {
  requireAdmin(by.viewer);
  const { eventId, reason } = checkInput(discardInput, given);
  const caller = callerName(by.viewer);
  const call = { caller, field, key: by.idempotencyKey, args: given };
  return idempotency.once<{ readonly eventId: string }, void, 'DEAD_LETTER_NOT_FOUND'>(call, {
    prepare: () => Promise.resolve(),
    effect: async (tx) => {
      const entry = await discard(tx, { durable, by: caller, at: new Date() }, { eventId, reason });
      return entry === undefined ? noDeadLetter() : { data: { eventId } };
    },
  });
}

function noDeadLetter(): ReturnType<typeof refused<'DEAD_LETTER_NOT_FOUND'>> {
  return refused('DEAD_LETTER_NOT_FOUND', 'No dead letter has this event id, or not any more.', 'eventId');
}
