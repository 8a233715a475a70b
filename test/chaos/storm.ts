import { setTimeout as pause } from 'node:timers/promises';
import { hands, type Blow } from './blows.ts';
import type { Cluster } from './cluster.ts';

/** A blow that was dealt. */
export interface Dealt {
  readonly name: string;
  /** Milliseconds since the storm began. */
  readonly at: number;
  readonly forMs: number;
}

interface StormOptions {
  readonly cluster: Cluster;
  readonly random: () => number;
  readonly durationMs: number;
  readonly stopping: AbortSignal;
  readonly onDealt: (dealt: Dealt) => void;
}

/** More at once, and hardly anything gets through any more: nothing would be tested but patience. */
const AT_ONCE = 3;
/** Between the beginnings of two blows. */
const LEAST_GAP_MS = 1_500;
const MOST_GAP_MS = 6_500;

/** Deals blows until its time is over, and resolves when the last one is undone. Rejects when one could not be dealt. */
export async function storm({ cluster, random, durationMs, stopping, onDealt }: StormOptions): Promise<void> {
  const startedAt = Date.now();
  const deck = hands({ cluster, random });
  const underWay = new Map<string, Promise<void>>();
  const problems: unknown[] = [];

  async function deal({ name, subject, strike }: Blow): Promise<void> {
    const at = Date.now();
    try {
      await strike();
      onDealt({ name, at: at - startedAt, forMs: Date.now() - at });
    } catch (error) {
      problems.push(new Error(`could not ${name}`, { cause: error }));
    } finally {
      underWay.delete(subject);
    }
  }

  while (Date.now() - startedAt < durationMs && !stopping.aborted && problems.length === 0) {
    const blow = deck.next().value;
    await underWay.get(blow.subject);
    while (underWay.size >= AT_ONCE) await Promise.race(underWay.values());
    underWay.set(blow.subject, deal(blow));
    const gapMs = LEAST_GAP_MS + random() * (MOST_GAP_MS - LEAST_GAP_MS);
    await pause(gapMs, undefined, { signal: stopping }).catch(() => undefined);
  }
  await Promise.all(underWay.values());
  if (problems.length > 0) throw problems[0];
}
