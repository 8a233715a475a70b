import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Product } from './product.ts';
import { RESERVATION_STEPS } from './reservation.ts';
import { takeSteps, type Standing, type StepEffects, type StockStep } from './stock-steps.ts';

const NOW = new Date('2026-01-31T12:00:00.000Z');

const product = (id: string, available: number): Product => ({
  id,
  name: id,
  description: '',
  priceAmount: 100,
  currency: 'USD',
  available,
  held: 0,
  version: 7,
  updatedAt: new Date(0),
});
const standing = (...products: Product[]): Standing => ({
  reservations: new Map(),
  lines: new Map(),
  products: new Map(products.map((one) => [one.id, one])),
  now: NOW,
});
const reserve = (orderId: string, ...items: [string, number][]): StockStep => ({
  orderId,
  step: 'RESERVE',
  items: items.map(([productId, quantity]) => ({ productId, quantity })),
});
const codesOf = ({ outcomes }: StepEffects): string[] =>
  outcomes.map(({ data, userErrors }) => data?.kind ?? userErrors?.[0]?.code ?? '');

describe('steps that are taken together', () => {
  test('change a product once: one version, however many they are', () => {
    const effects = takeSteps(
      [reserve('a', ['P', 2]), reserve('b', ['P', 3], ['Q', 1])],
      standing(product('P', 9), product('Q', 1)),
    );
    expect(codesOf(effects)).toEqual(['DO', 'DO']);
    expect(effects.products).toEqual([
      { ...product('P', 4), held: 5, version: 8, updatedAt: NOW },
      { ...product('Q', 0), held: 1, version: 8, updatedAt: NOW },
    ]);
    expect(effects.operations.map(({ orderId, productId, quantity }) => [orderId, productId, quantity])).toEqual([
      ['a', 'P', 2],
      ['b', 'P', 3],
      ['b', 'Q', 1],
    ]);
  });

  test('see what those before them have left: the last pieces go to the first who asks', () => {
    const effects = takeSteps(
      ['a', 'b', 'c', 'd'].map((id) => reserve(id, ['P', 2])),
      standing(product('P', 5)),
    );
    expect(codesOf(effects)).toEqual(['DO', 'DO', 'OUT_OF_STOCK', 'OUT_OF_STOCK']);
    expect(effects.products).toMatchObject([{ available: 1, held: 4 }]);
    expect([...effects.reservations.keys()]).toEqual(['a', 'b']);
  });

  test('hold all lines of an order or none', () => {
    const effects = takeSteps([reserve('a', ['P', 1], ['X', 1])], standing(product('P', 5)));
    expect(codesOf(effects)).toEqual(['PRODUCT_NOT_FOUND']);
    expect(effects).toMatchObject({ products: [], operations: [], reservations: new Map() });
  });

  test('may be of one order, and are taken once each', () => {
    const steps: StockStep[] = [
      reserve('a', ['P', 2]),
      reserve('a', ['P', 2]),
      { orderId: 'a', step: 'CONFIRM' },
      { orderId: 'a', step: 'CONFIRM' },
      { orderId: 'a', step: 'RELEASE' },
      { orderId: 'a', step: 'RETURN' },
    ];
    const effects = takeSteps(steps, standing(product('P', 5)));
    expect(codesOf(effects)).toEqual(['DO', 'DONE', 'DO', 'DONE', 'RESERVATION_REFUSED', 'DO']);
    expect(effects.products).toMatchObject([{ available: 5, held: 0, version: 8 }]);
    expect(effects.operations.map(({ type }) => type)).toEqual(['RESERVE', 'CONFIRM', 'RETURN']);
    expect(effects.reservations.get('a')?.state).toBe('RETURNED');
  });

  test('of an order that nobody knows are refused as such, and as released once it is', () => {
    const effects = takeSteps(
      [
        { orderId: 'a', step: 'CONFIRM' },
        { orderId: 'a', step: 'RELEASE' },
        { orderId: 'a', step: 'CONFIRM' },
        reserve('a', ['P', 1]),
      ],
      standing(product('P', 5)),
    );
    expect(effects.outcomes.map(({ userErrors }) => userErrors?.[0]?.message)).toEqual([
      'Nothing is reserved for the order.',
      undefined,
      'The reservation is released.',
      'The order has been released before.',
    ]);
  });

  const steps = fc.array(
    fc.record({
      orderId: fc.constantFrom('a', 'b', 'c'),
      step: fc.constantFrom(...RESERVATION_STEPS),
      items: fc.uniqueArray(
        fc.record({ productId: fc.constantFrom('P', 'Q', 'X'), quantity: fc.integer({ min: 1, max: 4 }) }),
        {
          selector: ({ productId }) => productId,
          minLength: 1,
        },
      ),
    }),
    { maxLength: 12 },
  );

  test('come to what they would come to one by one, and never to less than nothing', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const stock = [product('P', 5), product('Q', 5)];
        const together = takeSteps(list as StockStep[], standing(...stock));
        let now = standing(...stock);
        const alone = list.map((step) => {
          const effects = takeSteps([step as StockStep], now);
          now = after(now, effects);
          return effects.outcomes[0];
        });
        expect(together.outcomes).toEqual(alone);
        const left = after(standing(...stock), together);
        expect([...left.products.values()].map(({ available, held }) => [available, held])).toEqual(
          [...now.products.values()].map(({ available, held }) => [available, held]),
        );
        expect(left.reservations).toEqual(now.reservations);
        for (const { available, held } of together.products)
          expect(Math.min(available, held)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

/** What stands after steps have had their effects. */
function after(before: Standing, { reservations, operations, products }: StepEffects): Standing {
  const reserved = Map.groupBy(
    operations.filter(({ type }) => type === 'RESERVE'),
    ({ orderId }) => orderId,
  );
  return {
    ...before,
    reservations: new Map([...before.reservations, ...reservations]),
    lines: new Map([...before.lines, ...reserved]),
    products: new Map([...before.products, ...products.map((one) => [one.id, one] as const)]),
  };
}
