import type { Chance } from './chance.ts';

/** How a run is disturbed: probabilities per message, statement or step, drawn once per seed, so that seeds differ in kind. */
export interface Weather {
  /** Of a request, and again of its answer. */
  loss: number;
  /** Of a request being carried out twice. */
  duplication: number;
  /** Of a message taking up to `longestDelayMs` rather than milliseconds, so that later ones overtake it. */
  delay: number;
  longestDelayMs: number;
  /** Of a connection breaking at a statement or commit. */
  connectionLoss: number;
  /** Of a statement taking up to half a second, so that others commit before it. */
  slowness: number;
  /** Of a process being killed at a step. */
  crash: number;
  longestDownMs: number;
  /** Of a process being stopped (SIGSTOP) at a step. */
  pause: number;
  longestPauseMs: number;
  /** Of a database being restarted, each second. */
  databaseRestart: number;
  /** Of the bus losing its power, each second; where it is not 0 the bus is one that has not synced all that it has acknowledged. */
  powerCut: number;
  /** Messages of a source that are lost then at most. */
  longestTail: number;
}

export const CALM: Weather = {
  loss: 0,
  duplication: 0,
  delay: 0,
  longestDelayMs: 0,
  connectionLoss: 0,
  slowness: 0,
  crash: 0,
  longestDownMs: 0,
  pause: 0,
  longestPauseMs: 0,
  databaseRestart: 0,
  powerCut: 0,
  longestTail: 0,
};

/** Each kind of fault is absent from some seeds, rare in most and frequent in a few ("swarm testing", A. Groce et al., 2012). */
export function drawWeather(chance: Chance): Weather {
  const upTo = (most: number): number => (chance.happens(0.3) ? 0 : most * chance.next() ** 2);
  return {
    loss: upTo(0.3),
    duplication: upTo(0.5),
    delay: upTo(0.3),
    longestDelayMs: chance.pick([50, 1_000, 20_000]),
    connectionLoss: upTo(0.03),
    slowness: upTo(0.2),
    crash: upTo(0.01),
    longestDownMs: chance.pick([100, 3_000, 15_000]),
    pause: upTo(0.004),
    longestPauseMs: chance.pick([500, 5_000, 30_000]),
    databaseRestart: upTo(0.05),
    powerCut: upTo(0.2),
    longestTail: chance.pick([1, 5, 1_000]),
  };
}

/** The faults that can be left out of a run, one kind after the other, to find which of them a failure needs. */
export const FAULTS = [
  'loss',
  'duplication',
  'delay',
  'connectionLoss',
  'slowness',
  'crash',
  'pause',
  'databaseRestart',
  'powerCut',
  'rewind',
  'restore',
  'outlivedHold',
  'poison',
  'stopForEver',
] as const;
export type Fault = (typeof FAULTS)[number];
