import type { Caller, CommandServices } from '#shared/command.ts';
import { callerName, requireAdmin } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { Refusal } from '#shared/refusal.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import { changedGremlin, gremlinInput, TAME, type Gremlin } from '../domain/gremlin.ts';
import { readGremlin, saveGremlin } from '../store/gremlin.ts';

/** Changes how the service misbehaves, once per key; for admins. Throws `FORBIDDEN` where the configuration allows no gremlin. */
export async function setGremlin(
  { idempotency }: CommandServices,
  { input, allowed }: { readonly input: unknown; readonly allowed: boolean },
  by: Caller,
): Promise<Answer<Gremlin, never>> {
  requireAdmin(by.viewer);
  if (!allowed) throw new Refusal('FORBIDDEN', 'The configuration allows no gremlin; set GREMLIN_ALLOWED=true.');
  const change = checkInput(gremlinInput, input);
  const call = { caller: callerName(by.viewer), field: 'setGremlin', key: by.idempotencyKey, args: input };
  return idempotency.once<Gremlin, void, never>(call, {
    prepare: () => Promise.resolve(),
    effect: async (tx) => {
      const gremlin = changedGremlin((await readGremlin(tx)) ?? TAME, change);
      await saveGremlin(tx, gremlin);
      return { data: gremlin };
    },
  });
}
