import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { answer } from './peer.ts';

// Loaded before a service's own code: lets the bench ask what its process weighs.

/** Bytes. */
export interface Weight {
  readonly resident: number;
  /** What V8 keeps, and the buffers that it knows of. */
  readonly heap: number;
}

/** What is closed in one round is collected in the next. */
const ROUNDS = 3;
const ROUND_MS = 200;

answer({ weigh });

/** After everything that can be collected was. */
async function weigh(): Promise<Weight> {
  for (let round = 0; round < ROUNDS; round += 1) {
    // Also gives the pages back to the system that only what was collected had needed.
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    await setTimeout(ROUND_MS);
  }
  const { heapUsed, external } = process.memoryUsage();
  const [, kibibytes] = /^VmRSS:\s*(\d+) kB$/mu.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return { resident: Number(kibibytes) * 1_024, heap: heapUsed + external };
}
