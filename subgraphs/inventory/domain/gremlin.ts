import { z } from 'zod';

/** How the service misbehaves on purpose; the same shape as shared/testing/gremlin.ts acts on. */
export interface Gremlin {
  readonly enabled: boolean;
  readonly latencyMs: number;
  readonly everyNth: number;
  readonly dropResponses: boolean;
  readonly failRequests: boolean;
}

/** How it behaves before anybody has told it to. */
export const TAME: Gremlin = { enabled: false, latencyMs: 0, everyNth: 3, dropResponses: false, failRequests: false };

export const gremlinInput = z.object({
  enabled: z.boolean(),
  latencyMs: z.int().min(0, 'is below 0').max(60_000, 'is above 60000').nullish(),
  everyNth: z.int().min(1, 'is below 1').max(1_000, 'is above 1000').nullish(),
  dropResponses: z.boolean().nullish(),
  failRequests: z.boolean().nullish(),
});

/** The gremlin after a change; what is left out stays. */
export function changedGremlin(before: Gremlin, change: z.output<typeof gremlinInput>): Gremlin {
  return {
    enabled: change.enabled,
    latencyMs: change.latencyMs ?? before.latencyMs,
    everyNth: change.everyNth ?? before.everyNth,
    dropResponses: change.dropResponses ?? before.dropResponses,
    failRequests: change.failRequests ?? before.failRequests,
  };
}
