interface Heartbeat {
  readonly everyMs: number;
  /** Work that goes on for longer than this is taken to be stuck, and left to those who wait for it; without end when left out. */
  readonly forMs?: number;
  /** Says that the work goes on. When it fails, the next one may succeed. */
  readonly beat: () => Promise<unknown>;
}

/** Does the work, and meanwhile beats again and again. No beat is under way any more when it resolves or rejects. */
export async function withHeartbeat<T>(
  work: () => Promise<T>,
  { everyMs, forMs = Infinity, beat }: Heartbeat,
): Promise<T> {
  const stuckAt = performance.now() + forMs;
  let beating: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    if (beating !== undefined || performance.now() > stuckAt) return;
    beating = beat()
      .catch(() => undefined)
      .finally(() => (beating = undefined));
  }, everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await beating;
  }
}
