import { pause } from '#shared/retry.ts';

/** Generous: a test fails by what it sees, not by how fast this machine is today. */
const DEADLINE_MS = 30_000;
const BETWEEN_MS = 25;

/** Asks until the answer is neither undefined nor false, and gives it; what it throws counts as not yet. Fails with the last error at the deadline. */
export async function until<T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { what = 'the condition', deadlineMs = DEADLINE_MS }: { what?: string; deadlineMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (let last: unknown; ;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`${what} did not come about within ${deadlineMs} ms`, { cause: last });
    await pause(BETWEEN_MS);
  }
}

/**
 * Acts again and again until `heard` settles, and gives what it settled with: the protocols do not acknowledge a subscription, so only an
 * event shows that it is in place.
 */
export async function actUntil<T>(heard: Promise<T>, act: () => Promise<unknown>): Promise<T> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  heard.then(settle, settle);
  await until(async () => {
    if (!settled) await act();
    return settled;
  });
  return heard;
}
