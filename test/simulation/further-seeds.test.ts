import { describe } from 'vitest';
import { keepsItsPromises } from './kept-promises.ts';

describe('the simulated system', () => {
  keepsItsPromises({ from: 501, to: 1_000 });
});
