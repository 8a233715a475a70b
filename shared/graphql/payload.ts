import type DataLoader from 'dataloader';
import type { Caller } from '../command.ts';
import type { UserError } from '../refusal.ts';
import type { Answer } from '../store/idempotency.ts';
import type { RequestContext } from './context.ts';

/** The part of a mutation payload that is the same everywhere. */
export interface PayloadBase<Code extends string = string> {
  readonly replayed: boolean;
  readonly userErrors: readonly UserError<Code>[];
}

/** A command's answer as a payload's common fields; notes on the operation whether it was a replay. */
export function payloadBase<Code extends string>(
  answer: Answer<unknown, Code>,
  context: RequestContext,
): PayloadBase<Code> {
  context.replays.push(answer.replayed);
  return { replayed: answer.replayed, userErrors: answer.outcome.userErrors ?? [] };
}

/** Who gives the command of a mutation field. */
export function callerOf(context: RequestContext, idempotencyKey: string): Caller {
  const { viewer, correlationId, traceparent } = context;
  return { viewer, idempotencyKey, correlationId, traceparent };
}

/** The record a command answers with, as it now stands: its id is frozen with the key, its fields are live. */
export async function recordAsItStands<Found>(
  loader: DataLoader<string, Found | null>,
  id: string | undefined,
): Promise<Found | null> {
  return id === undefined ? null : loader.clear(id).load(id);
}
