import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Each file is a process that imports much; Node compiles it once, and every later process reads what it has kept.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/node', import.meta.url));

export default defineConfig({
  test: {
    include: ['{gateway,subgraphs,shared,scripts,test}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.long.test.ts'],
    globalSetup: ['./test/support/global-setup.ts'],
    reporters: ['default', './test/support/summary-reporter.ts'],
    // The code runs as it runs in production: on Node itself, without a bundler's idea of modules.
    experimental: { viteModuleRunner: false },
    // Files wait for processes, clocks and disks half of their time; vitest's own choice on two cores is one at a time.
    maxWorkers: 2,
    // Every file is a process of its own, and most of them import what is quicker so.
    execArgv: ['--import', new URL('scripts/quick-imports.ts', import.meta.url).href],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
