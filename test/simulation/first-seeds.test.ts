import { describe } from 'vitest';
import { keepsItsPromises } from './kept-promises.ts';

// Two files, so that two cores share the thousand.
describe('the simulated system', () => {
  keepsItsPromises({ from: 1, to: 500 });
});
