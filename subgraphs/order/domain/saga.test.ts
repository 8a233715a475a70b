import { describe, expect, test } from 'vitest';
import { decideOrder, type InventoryAnswer } from './saga.ts';

type State = NonNullable<InventoryAnswer['reservation']>['state'] | 'UNKNOWN';

const STATES: readonly State[] = ['UNKNOWN', 'HELD', 'CONFIRMED', 'RELEASED', 'EXPIRED', 'RETURNED'];
const LINES = [
  { productId: 'PROD-001', unitPrice: { amount: 49_999 } },
  { productId: 'PROD-002', unitPrice: { amount: 100 } },
];

function answer(state: State, code?: string): InventoryAnswer {
  return {
    reservation: state === 'UNKNOWN' ? null : { state, lines: LINES },
    refusal: code === undefined ? null : { code, message: `Inventory says ${code}.` },
  };
}

describe('a pending order', () => {
  test('whose stock is held is to be confirmed', () => {
    expect(decideOrder(answer('HELD'))).toEqual({ kind: 'ASK_TO_CONFIRM' });
  });

  test.each([undefined, 'RESERVATION_REFUSED'])('whose stock is confirmed is, at its prices (refusal: %s)', (code) => {
    expect(decideOrder(answer('CONFIRMED', code))).toEqual({
      kind: 'CONFIRM',
      prices: new Map([
        ['PROD-001', 49_999],
        ['PROD-002', 100],
      ]),
    });
  });

  test.each(['UNKNOWN', 'RELEASED', 'EXPIRED', 'RETURNED'] as const)(
    'whose reservation is %s has lost its stock',
    (state) => {
      for (const code of [undefined, 'RESERVATION_REFUSED']) {
        expect(decideOrder(answer(state, code))).toMatchObject({
          kind: 'FAIL',
          failure: { code: 'RESERVATION_EXPIRED' },
        });
      }
    },
  );

  test('whose hold may not be confirmed any more has lost its stock, though nobody has given it back yet', () => {
    expect(decideOrder(answer('HELD', 'RESERVATION_REFUSED'))).toMatchObject({
      kind: 'FAIL',
      failure: { code: 'RESERVATION_EXPIRED' },
    });
  });

  test.each(STATES.flatMap((state) => ['OUT_OF_STOCK', 'PRODUCT_NOT_FOUND'].map((code) => ({ state, code }))))(
    'refused with $code fails with that, whatever its reservation ($state)',
    ({ state, code }) => {
      expect(decideOrder(answer(state, code))).toEqual({
        kind: 'FAIL',
        failure: { code, message: `Inventory says ${code}.` },
      });
    },
  );
});
