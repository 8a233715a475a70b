import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decideStep,
  moveOf,
  RESERVATION_STATES,
  RESERVATION_STEPS,
  type Reservation,
  type ReservationState,
  type ReservationStep,
} from './reservation.ts';

type Step = Exclude<ReservationStep, 'RESERVE'>;
type From = ReservationState | 'UNKNOWN';

const STEPS = RESERVATION_STEPS.filter((step): step is Step => step !== 'RESERVE');
const NOW = new Date('2026-01-31T12:00:00.000Z');
const IN_TIME = new Date(NOW.getTime() + 1);

function reservationOf(state: From, expiresAt: Date): Reservation | undefined {
  return state === 'UNKNOWN' ? undefined : { state, expiresAt };
}

/** The arrows of the diagram in reservation.ts. */
const ARROWS: readonly { from: From; step: Step; to: ReservationState; expiresAt: Date }[] = [
  { from: 'UNKNOWN', step: 'RELEASE', to: 'RELEASED', expiresAt: IN_TIME },
  { from: 'HELD', step: 'CONFIRM', to: 'CONFIRMED', expiresAt: IN_TIME },
  { from: 'HELD', step: 'RELEASE', to: 'RELEASED', expiresAt: IN_TIME },
  { from: 'HELD', step: 'RELEASE', to: 'RELEASED', expiresAt: NOW },
  { from: 'HELD', step: 'EXPIRE', to: 'EXPIRED', expiresAt: NOW },
  { from: 'CONFIRMED', step: 'RETURN', to: 'RETURNED', expiresAt: NOW },
];

/** What has happened already, or has come to the same. */
const DONE: readonly { from: From; step: Step }[] = [
  { from: 'CONFIRMED', step: 'CONFIRM' },
  { from: 'RETURNED', step: 'CONFIRM' },
  { from: 'RELEASED', step: 'RELEASE' },
  { from: 'EXPIRED', step: 'RELEASE' },
  { from: 'EXPIRED', step: 'EXPIRE' },
  { from: 'RETURNED', step: 'RETURN' },
];

const isListed = (list: readonly { from: From; step: Step }[], from: From, step: Step): boolean =>
  list.some((one) => one.from === from && one.step === step);

const REFUSED = (['UNKNOWN', ...RESERVATION_STATES] as const).flatMap((from) =>
  STEPS.filter((step) => !isListed(ARROWS, from, step) && !isListed(DONE, from, step)).map((step) => ({ from, step })),
);

describe('a reservation', () => {
  test.each(ARROWS)('that is $from becomes $to by $step', ({ from, step, to, expiresAt }) => {
    expect(decideStep(step, reservationOf(from, expiresAt), NOW)).toEqual({ kind: 'DO', state: to });
  });

  test.each(DONE)('that is $from has no second $step', ({ from, step }) => {
    expect(decideStep(step, reservationOf(from, NOW), NOW)).toEqual({ kind: 'DONE', state: from });
  });

  test.each(REFUSED)('that is $from refuses $step, and says what came first', ({ from, step }) => {
    for (const expiresAt of [NOW, IN_TIME]) {
      expect(decideStep(step, reservationOf(from, expiresAt), NOW)).toEqual({
        kind: 'REFUSED',
        state: from === 'UNKNOWN' ? undefined : from,
      });
    }
  });

  test('is confirmed or expires by its time alone, never both and never neither', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000, max: 1_000 }), (leftMs) => {
        const held = reservationOf('HELD', new Date(NOW.getTime() + leftMs));
        const [confirm, expire] = [decideStep('CONFIRM', held, NOW), decideStep('EXPIRE', held, NOW)];
        expect(confirm.kind).toBe(leftMs > 0 ? 'DO' : 'REFUSED');
        expect(expire.kind).toBe(leftMs > 0 ? 'REFUSED' : 'DO');
        expect(leftMs > 0 ? expire.state : confirm.state).toBe(leftMs > 0 ? 'HELD' : 'EXPIRED');
      }),
    );
  });

  test('comes to rest: whatever steps follow, each happens at most once', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STEPS), { maxLength: 20 }), fc.boolean(), (steps, inTime) => {
        let reservation = reservationOf('HELD', inTime ? IN_TIME : NOW);
        const taken: Step[] = [];
        for (const step of steps) {
          const { kind, state } = decideStep(step, reservation, NOW);
          if (kind === 'DO') {
            taken.push(step);
            reservation = reservationOf(state, NOW);
          }
        }
        expect([[], ['CONFIRM'], ['CONFIRM', 'RETURN'], ['RELEASE'], ['EXPIRE']]).toContainEqual(taken);
      }),
    );
  });
});

describe('stock', () => {
  const quantities = fc.integer({ min: 1, max: 1_000 });

  test.each([[['RESERVE', 'RELEASE']], [['RESERVE', 'EXPIRE']], [['RESERVE', 'CONFIRM', 'RETURN']]] as const)(
    'is where it was after %j',
    (steps) => {
      fc.assert(
        fc.property(quantities, (quantity) => {
          const moves = steps.map((step) => moveOf(step, quantity));
          expect(moves.reduce((sum, { available }) => sum + available, 0)).toBe(0);
          expect(moves.reduce((sum, { held }) => sum + held, 0)).toBe(0);
        }),
      );
    },
  );

  test.each([
    ['RESERVE', 0],
    ['CONFIRM', -1],
    ['RELEASE', 0],
    ['EXPIRE', 0],
    ['RETURN', 1],
  ] as const)('in the house changes by %s as many times the pieces: %i', (step, times) => {
    fc.assert(
      fc.property(quantities, (quantity) => {
        const { available, held } = moveOf(step, quantity);
        expect(available + held === times * quantity).toBe(true);
      }),
    );
  });
});
