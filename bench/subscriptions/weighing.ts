import { readFileSync } from 'node:fs';
import { answer } from './peer.ts';

// Loaded before a service's own code: lets the bench ask what its process weighs.

/** Bytes. */
export interface Weight {
  readonly resident: number;
  /** What V8 keeps, and the buffers that it knows of. */
  readonly heap: number;
}

answer({ weigh });

/** After everything that can be collected was. */
async function weigh(): Promise<Weight> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const { heapUsed, external } = process.memoryUsage();
  const [, kibibytes] = /^VmRSS:\s*(\d+) kB$/mu.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return { resident: Number(kibibytes) * 1_024, heap: heapUsed + external };
}
