import type { Failure } from './persistent-calls.ts';

/** What a disturbed system may answer: each says to try again with the same key. */
const CLEAR_CODES = new Set(['SUBGRAPH_UNAVAILABLE', 'TIMEOUT', 'IDEMPOTENCY_IN_PROGRESS']);
/** Stack frames, files, SQL, addresses and what drivers say. */
const INTERNALS =
  /\bat \S+ \(|node_modules|\.ts\b|\b(select|insert|update|delete)\b.*\b(from|into|set)\b|postgres:|\bE[A-Z]{5,}\b|127\.0\.0\.1|relation "/;

/** The failures by which a caller was told less than what to do next, or more than what is theirs to know. */
export function unclearAmong(failures: readonly Failure[]): Failure[] {
  return failures.filter(
    ({ kind, errors }) =>
      kind === 'other' ||
      errors.some(
        (error) => !CLEAR_CODES.has(error.extensions?.code ?? 'none') || INTERNALS.test(JSON.stringify(error)),
      ),
  );
}
