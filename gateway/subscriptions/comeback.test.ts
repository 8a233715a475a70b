import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Comeback, type Try } from './comeback.ts';

describe('a comeback', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  function waitingFor(comeback: Comeback, count: number): { tries: Try[]; giveUp: (() => void)[] } {
    const tries: Try[] = [];
    const giveUp = Array.from({ length: count }, () => comeback.wait((leave) => tries.push(leave)));
    return { tries, giveUp };
  }

  test('lets one try, and nobody else before it is known how that went', () => {
    const comeback = new Comeback();
    const { tries } = waitingFor(comeback, 100);
    vi.advanceTimersByTime(60_000);
    expect(tries.length).toBe(1);
  });

  test('waits longer from failure to failure, but never long', () => {
    const comeback = new Comeback();
    const { tries } = waitingFor(comeback, 100);
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const before = Date.now();
      while (tries.length === attempt) vi.advanceTimersByTime(1);
      pauses.push(Date.now() - before);
      tries[attempt]!.failed();
    }
    expect(pauses[0]).toBeLessThanOrEqual(200);
    expect(pauses[3]).toBeGreaterThan(pauses[0]!);
    for (const pause of pauses.slice(6)) {
      expect(pause).toBeGreaterThanOrEqual(2_500);
      expect(pause).toBeLessThanOrEqual(5_000);
    }
  });

  test('lets everybody follow who has succeeded, not all at once', () => {
    const comeback = new Comeback();
    const { tries } = waitingFor(comeback, 1_000);
    while (tries.length === 0) vi.advanceTimersByTime(1);
    tries[0]!.succeeded();
    vi.advanceTimersByTime(50);
    expect(tries.length).toBeGreaterThan(10);
    expect(tries.length).toBeLessThan(500);
    vi.advanceTimersByTime(500);
    expect(tries.length).toBe(1_000);
  });

  test('passes the try on from those who have given up, while they wait and while they try', () => {
    const comeback = new Comeback();
    const { tries, giveUp } = waitingFor(comeback, 3);
    giveUp[1]!();
    while (tries.length === 0) vi.advanceTimersByTime(1);
    giveUp[0]!();
    while (tries.length === 1) vi.advanceTimersByTime(1);
    tries[1]!.succeeded();
    vi.advanceTimersByTime(60_000);
    expect(tries.length).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('begins with short pauses again after a success', () => {
    const comeback = new Comeback();
    const first = waitingFor(comeback, 1).tries;
    for (let attempt = 0; attempt < 8; attempt += 1) {
      while (first.length === attempt) vi.advanceTimersByTime(1);
      if (attempt < 7) {
        first[attempt]!.failed();
        comeback.wait((leave) => first.push(leave));
      }
    }
    first[7]!.succeeded();
    const second = waitingFor(comeback, 1).tries;
    vi.advanceTimersByTime(200);
    expect(second.length).toBe(1);
  });
});
