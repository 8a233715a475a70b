import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with `N passed, N failed[, N skipped]` alone on the last line, and leaves the exit status alone. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
      counts.failed += module.errors().length;
    }
    const failed = counts.failed + counts.pending + unhandledErrors.length;
    const line = `${counts.passed} passed, ${failed} failed`;
    const text = counts.skipped > 0 ? `${line}, ${counts.skipped} skipped` : line;
    // Vitest's own summary is printed by the default reporter after this hook: wait for the very end.
    process.once('exit', () => process.stdout.write(`\n${text}\n`));
  }
}
