import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  advanced,
  isDecided,
  ORDER_STATUSES,
  placed,
  sentenceOf,
  totalOf,
  type Order,
  type OrderStatus,
  type OrderStep,
} from './order.ts';

const PLACED_AT = new Date('2026-01-31T12:00:00.000Z');
const LATER = new Date('2026-01-31T12:00:01.000Z');
const FAILURE = { code: 'OUT_OF_STOCK', message: 'Of PS5 0 are left.' } as const;
const ORDER = placed({
  id: '0198c1f0-0000-7000-8000-000000000001',
  userId: 'ada',
  items: [
    { productId: 'PROD-001', quantity: 2 },
    { productId: 'PROD-002', quantity: 1 },
  ],
  at: PLACED_AT,
});

const STEPS: readonly OrderStep[] = [
  {
    kind: 'CONFIRM',
    prices: new Map([
      ['PROD-001', 49_999],
      ['PROD-002', 100],
    ]),
  },
  { kind: 'FAIL', failure: FAILURE },
  { kind: 'CANCEL' },
  { kind: 'RETURNED' },
];

/** The arrows of the diagram in order.ts. */
const ARROWS: readonly { from: OrderStatus; step: OrderStep['kind']; to: OrderStatus }[] = [
  { from: 'PENDING', step: 'CONFIRM', to: 'CONFIRMED' },
  { from: 'PENDING', step: 'FAIL', to: 'FAILED' },
  { from: 'CONFIRMED', step: 'CANCEL', to: 'CANCELLING' },
  { from: 'CANCELLING', step: 'RETURNED', to: 'CANCELLED' },
];

const stepOf = (kind: OrderStep['kind']): OrderStep => STEPS.find((step) => step.kind === kind) as OrderStep;

const REFUSED = ORDER_STATUSES.flatMap((from) =>
  STEPS.filter(({ kind }) => !ARROWS.some((arrow) => arrow.from === from && arrow.step === kind)).map((step) => ({
    from,
    step: step.kind,
  })),
);

describe('an order', () => {
  test('is pending when it is placed, its prices unknown', () => {
    expect(ORDER).toEqual({
      id: ORDER.id,
      userId: 'ada',
      lines: [
        { productId: 'PROD-001', quantity: 2, unitPrice: null },
        { productId: 'PROD-002', quantity: 1, unitPrice: null },
      ],
      status: 'PENDING',
      failure: null,
      currency: 'USD',
      version: 1,
      createdAt: PLACED_AT,
      updatedAt: PLACED_AT,
    });
  });

  test.each(ARROWS)('that is $from becomes $to by $step, as its next version', ({ from, step, to }) => {
    const before: Order = { ...ORDER, status: from, version: 7 };
    const after = advanced(before, stepOf(step), LATER);
    expect(after).toMatchObject({ id: ORDER.id, status: to, version: 8, createdAt: PLACED_AT, updatedAt: LATER });
    expect(before).toEqual({ ...ORDER, status: from, version: 7 });
  });

  test.each(REFUSED)('that is $from does not take the step $step', ({ from, step }) => {
    expect(advanced({ ...ORDER, status: from }, stepOf(step), LATER)).toBeUndefined();
  });

  test('has five statuses and four steps, of which four pairs go on', () => {
    expect(REFUSED).toHaveLength(ORDER_STATUSES.length * STEPS.length - ARROWS.length);
  });

  test('has the prices of its confirmation, and keeps them to its end', () => {
    let order: Order | undefined = ORDER;
    for (const kind of ['CONFIRM', 'CANCEL', 'RETURNED'] as const) {
      order = order && advanced(order, stepOf(kind), LATER);
      expect(order?.lines.map(({ unitPrice }) => unitPrice)).toEqual([49_999, 100]);
    }
    expect(order?.status).toBe('CANCELLED');
  });

  test('that failed says why', () => {
    expect(advanced(ORDER, stepOf('FAIL'), LATER)?.failure).toEqual(FAILURE);
  });

  test.each([
    { status: 'PENDING', decided: false },
    { status: 'CONFIRMED', decided: true },
    { status: 'FAILED', decided: true },
    { status: 'CANCELLING', decided: false },
    { status: 'CANCELLED', decided: true },
  ] as const)('that is $status is decided: $decided', ({ status, decided }) => {
    expect(isDecided({ status })).toBe(decided);
  });
});

describe('the total', () => {
  const lines = fc.array(
    fc.record({
      productId: fc.string(),
      quantity: fc.integer({ min: 1, max: 1_000 }),
      unitPrice: fc.integer({ min: 0, max: 10_000_000 }),
    }),
    { minLength: 1, maxLength: 100 },
  );

  test('is the sum of the lines, whatever their order', () => {
    fc.assert(
      fc.property(lines, (some) => {
        const sum = some.map(({ quantity, unitPrice }) => quantity * unitPrice).reduce((one, other) => one + other);
        expect(totalOf({ lines: some })).toBe(sum);
        expect(totalOf({ lines: some.toReversed() })).toBe(sum);
      }),
    );
  });

  test('is unknown as long as one price is', () => {
    fc.assert(
      fc.property(lines, fc.nat(), (some, at) => {
        const unknown = some.with(at % some.length, { ...some[0], unitPrice: null } as never);
        expect(totalOf({ lines: unknown })).toBeNull();
      }),
    );
  });
});

describe('the sentence about an order', () => {
  test.each(ORDER_STATUSES)('that is %s is one, and another than of the rest', (status) => {
    const sentences = ORDER_STATUSES.map((one) => sentenceOf({ status: one, failure: null }));
    expect(sentenceOf({ status, failure: null })).toMatch(/^[A-Z].*[.]$/);
    expect(new Set(sentences).size).toBe(ORDER_STATUSES.length);
  });

  test('that failed ends with the reason', () => {
    expect(sentenceOf({ status: 'FAILED', failure: FAILURE })).toBe(
      'Your order could not be fulfilled. Of PS5 0 are left.',
    );
  });

  test('that is pending tells that there is nothing to do', () => {
    expect(sentenceOf(ORDER)).toContain('completes by itself');
  });
});
