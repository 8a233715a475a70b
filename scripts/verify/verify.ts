import { checkAccounting } from './accounting.ts';
import { checkAttempted } from './attempted.ts';
import { callsOf, type Attempt, type Calls } from './calls.ts';
import type { Check, ShownPipeline } from './context.ts';
import { checkConvergence } from './convergence.ts';
import { checkKeys, checkTogether } from './keys.ts';
import { checkNotices } from './notices.ts';
import { checkPublished } from './published.ts';
import { isQuiet, lookAround, waitForQuiet } from './quiet.ts';
import { newSheet, rowsOf, type Report } from './report.ts';
import { checkSagas } from './sagas.ts';
import { openSources, type OpenSources, type Sources } from './sources.ts';
import { checkStatus } from './status.ts';
import { checkStock } from './stock.ts';

export interface VerifyOptions {
  /** How long to wait for a system at work to come to rest; not at all when left out. */
  readonly waitMs?: number;
  /** What clients did and heard, attempt by attempt. */
  readonly calls?: Iterable<Attempt> | AsyncIterable<Attempt>;
  /** How many violations of each invariant are told as sentences; all are counted. */
  readonly mostExamples?: number;
  /** Asks the system how it shows its pipelines. */
  readonly shown?: () => Promise<readonly ShownPipeline[]>;
}

const CHECKS: readonly Check[] = [
  checkStock,
  checkKeys,
  checkTogether,
  checkAttempted,
  checkNotices,
  checkSagas,
  checkConvergence,
  checkAccounting,
  checkPublished,
  checkStatus,
];

export const DEFAULT_EXAMPLES = 5;

/**
 * Checks the invariants of docs/reliability.md on the rows of a system, live or stopped. Only reads. A system that is quiet from the first
 * reading to the last is checked for everything; any other for what holds at any moment. Rejects when something cannot be read.
 */
export async function verify(sources: Sources, options: VerifyOptions = {}): Promise<Report> {
  const startedAt = performance.now();
  await using opened = await openSources(sources);
  const calls = options.calls === undefined ? undefined : await callsOf(options.calls);
  const deadline = startedAt + (options.waitMs ?? 0);
  const { rows, quiet, open } = await checkWhenQuiet(opened, { ...options, calls, deadline });
  return {
    rows,
    violations: rows.reduce((sum, row) => sum + row.violations, 0),
    quiet,
    open,
    tookMs: Math.round(performance.now() - startedAt),
  };
}

/** What is found in a disturbed system may only be on its way: it counts for nothing, and is looked for again. */
async function checkWhenQuiet(
  sources: OpenSources,
  { deadline, ...options }: Omit<Checking, 'quiet'> & { readonly deadline: number },
): Promise<Pick<Report, 'rows' | 'quiet' | 'open'>> {
  for (;;) {
    const before = await waitForQuiet(sources, deadline - performance.now());
    if (!isQuiet(before))
      return { rows: await check(sources, { ...options, quiet: false }), quiet: false, open: before.open };
    const rows = await check(sources, { ...options, quiet: true });
    const after = await lookAround(sources);
    if (isQuiet(after) && after.marks === before.marks) return { rows, quiet: true, open: {} };
    if (performance.now() < deadline) continue;
    return { rows: await check(sources, { ...options, quiet: false }), quiet: false, open: after.open };
  }
}

type Checking = Omit<VerifyOptions, 'calls'> & { readonly calls: Calls | undefined; readonly quiet: boolean };

async function check(
  sources: OpenSources,
  { calls, quiet, shown, mostExamples = DEFAULT_EXAMPLES }: Checking,
): Promise<Report['rows']> {
  const sheet = newSheet(mostExamples);
  for (const one of CHECKS) await one({ sources, sheet, quiet, calls, shown });
  return rowsOf(sheet);
}

/** What is wrong, each violation that was told as a sentence behind its invariant. */
export function violationsIn({ rows }: Report): string[] {
  return rows.flatMap(({ name, examples }) => examples.map((example) => `${name}: ${example}`));
}
