import { describe, expect, test } from 'vitest';
import { Tickets } from './tickets.ts';

const LIFE_MS = 30_000;
const MOST = 10_000;
const MOST_OF_ONE_HOLDER = 50;
const UNAUTHENTICATED = expect.objectContaining({ code: 'UNAUTHENTICATED' });
const RATE_LIMITED = expect.objectContaining({ code: 'RATE_LIMITED' });

function withClock(): { tickets: Tickets; pass: (ms: number) => void } {
  let now = Date.parse('2026-01-01T00:00:00Z');
  return {
    tickets: new Tickets(() => now),
    pass: (ms) => {
      now += ms;
    },
  };
}

describe('a ticket', () => {
  test('stands for the authorization that it was given for, once', () => {
    const { tickets } = withClock();
    const { ticket } = tickets.issue('Bearer a', 'ada');
    expect(tickets.redeem(ticket)).toBe('Bearer a');
    expect(() => tickets.redeem(ticket)).toThrow(UNAUTHENTICATED);
  });

  test('is 256 bits of chance in characters that a URL takes as they are', () => {
    const { tickets } = withClock();
    const given = Array.from({ length: 50 }, () => tickets.issue('Bearer a', 'ada').ticket);
    expect(new Set(given).size).toBe(50);
    for (const ticket of given) expect(ticket).toMatch(/^[\w-]{43}$/);
  });

  test('is good for 30 seconds', () => {
    const { tickets, pass } = withClock();
    const [early, late] = [tickets.issue('Bearer a', 'ada'), tickets.issue('Bearer a', 'ada')];
    expect(early.expiresAt).toEqual(new Date('2026-01-01T00:00:30Z'));
    pass(LIFE_MS - 1);
    expect(tickets.redeem(early.ticket)).toBe('Bearer a');
    pass(1);
    expect(() => tickets.redeem(late.ticket)).toThrow(UNAUTHENTICATED);
  });

  test.each(['', 'x', '__proto__'])('is none when it was never given: %j', (ticket) => {
    expect(() => withClock().tickets.redeem(ticket)).toThrow(UNAUTHENTICATED);
  });
});

describe('unused tickets are bounded', () => {
  test('for each holder, until one is used or expires', () => {
    const { tickets, pass } = withClock();
    const issue = (holder: string): string => tickets.issue('Bearer a', holder).ticket;
    const given = Array.from({ length: MOST_OF_ONE_HOLDER }, () => issue('ada'));
    expect(() => issue('ada')).toThrow(RATE_LIMITED);
    expect(issue('bob')).toBeDefined();
    tickets.redeem(given[7]!);
    expect(issue('ada')).toBeDefined();
    expect(() => issue('ada')).toThrow(RATE_LIMITED);
    pass(LIFE_MS);
    for (let at = 0; at < MOST_OF_ONE_HOLDER; at += 1) issue('ada');
  });

  test('in all', () => {
    const { tickets, pass } = withClock();
    for (let at = 0; at < MOST; at += 1) tickets.issue('Bearer a', `holder ${at}`);
    expect(() => tickets.issue('Bearer a', 'another')).toThrow(RATE_LIMITED);
    pass(LIFE_MS);
    expect(tickets.issue('Bearer a', 'another').ticket).toBeDefined();
  });
});
