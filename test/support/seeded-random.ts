import { randomInt } from 'node:crypto';

/** Random numbers in [0, 1) for a load. Its seed is printed; SEED=… runs the same again. */
export function newRandom(load: string): () => number {
  const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
  console.log(`${load}: SEED=${seed}`);
  return seededRandom(seed);
}

/** The same numbers in [0, 1) for the same seed: T. Ettinger's mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
