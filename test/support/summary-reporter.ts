import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends a run with `N passed, N failed[, N skipped]` alone on the last line.
 * What fails outside a test (a suite that cannot start, a hook, an error that nobody caught) counts as failed.
 * A failing status stays as it is; a run in which nothing passed proves nothing, so it counts one failed and is not green.
 */
export default class SummaryReporter implements Reporter {
  readonly #counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };

  onInit(): void {
    // Vitest prints its own summary, and stops for a run without suites, after every hook: wait for the very end.
    process.once('exit', () => this.#conclude());
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    for (const module of modules) {
      for (const test of module.children.allTests()) this.#counts[test.result().state] += 1;
      for (const suite of module.children.allSuites()) this.#counts.failed += suite.errors().length;
      this.#counts.failed += module.errors().length;
    }
    this.#counts.failed += unhandledErrors.length;
  }

  #conclude(): void {
    const { passed, skipped } = this.#counts;
    const broken = this.#counts.failed + this.#counts.pending;
    const failed = passed === 0 && broken === 0 ? 1 : broken;
    if (failed > 0) process.exitCode ||= 1;
    const line = `${passed} passed, ${failed} failed`;
    process.stdout.write(`\n${skipped > 0 ? `${line}, ${skipped} skipped` : line}\n`);
  }
}
