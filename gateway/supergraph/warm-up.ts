import { setImmediate } from 'node:timers/promises';
import type { OperationText, Supergraph } from './supergraph.ts';

interface WarmUpOptions {
  /** What clients have asked so far, the most recent first. */
  readonly operations: readonly OperationText[];
  readonly signal: AbortSignal;
  readonly withinMs?: number;
}

/** A replacement should not wait longer for operations that hardly anybody sends: they are planned when they come. */
const WITHIN_MS = 10_000;

/**
 * Makes the plans of operations before anybody waits for them, one at a time, with other work in between. What this supergraph does not
 * answer any more is passed over. Gives how many are ready.
 */
export async function warmUp(
  supergraph: Supergraph,
  { operations, signal, withinMs = WITHIN_MS }: WarmUpOptions,
): Promise<number> {
  const deadline = performance.now() + withinMs;
  let ready = 0;
  for (const operation of operations) {
    await setImmediate();
    if (signal.aborted || performance.now() > deadline) break;
    if (isPlanned(supergraph, operation)) ready += 1;
  }
  return ready;
}

function isPlanned(supergraph: Supergraph, { text, operationName }: OperationText): boolean {
  try {
    const document = supergraph.documents.read(text);
    if (!('kind' in document)) return false;
    supergraph.plan(document, operationName);
    return true;
  } catch {
    // Whoever sends it will be told why.
    return false;
  }
}
