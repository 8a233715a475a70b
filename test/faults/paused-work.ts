import { appendEvents } from '#shared/events/outbox.ts';
import type { Call, Effect } from '#shared/store/idempotency.ts';
import { PIPELINES } from '#sync/domain/pipeline.ts';
import type { SyncTarget } from '#sync/store/targets/target.ts';

/** What a paused process and the one that takes over from it do alike. */

export const SECRET = 'a secret that is only good enough for tests';
export const PIPELINE = PIPELINES.find(({ id }) => id === 'users-to-oracle')!;

const call: Call = { caller: 'tester', field: 'change', key: 'one', args: {} };

/** A call that says who has carried it out. */
const effect = (by: string): Effect<{ by: string }, void, never> => ({
  prepare: () => Promise.resolve(),
  effect: async (tx) => {
    const change = { type: 'record.changed', subject: 'record', version: 1, data: { by }, occurredAt: new Date() };
    await appendEvents(tx, [change]);
    return { data: { by } };
  },
});

export const pausedCall = { call, effect };

/** A target that takes whatever it is given. */
export function takingTarget(): SyncTarget {
  return {
    name: 'oracle',
    apply: (_, replicas) => Promise.resolve(replicas.map(({ id, revision }) => ({ id, targetRevision: revision }))),
    check: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
