import { defineConfig, mergeConfig } from 'vitest/config';
import config from './vitest.config.ts';

/** What takes too long for every run: `npm run test:long`. */
export default mergeConfig(
  { ...config, test: { ...config.test, include: [], exclude: [] } },
  defineConfig({
    test: {
      include: ['{gateway,subgraphs,shared,scripts,test}/**/*.long.test.ts'],
      exclude: ['**/node_modules/**'],
      // One at a time: each takes the machine for itself.
      fileParallelism: false,
    },
  }),
);
