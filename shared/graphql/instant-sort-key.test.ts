import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instantSortKeys } from './instant-sort-key.ts';

const KEYS = instantSortKeys(/^\w+$/);

describe('a sort key that begins with an instant', () => {
  test('is any instant of four-digit years with the rest behind it', () => {
    const instants = fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(instants, (instant) => {
        expect(KEYS.test(`${instant.toISOString()}|rest`)).toBe(true);
      }),
    );
  });

  test.each([
    '',
    '|rest',
    'rest',
    '2026-01-31T12:00:00.000Z',
    '2026-01-31T12:00:00.000Z|',
    '2026-01-31T12:00:00.000Z|no rest',
    '2026-02-30T12:00:00.000Z|rest',
    '2026-01-31T12:00:00Z|rest',
    '2026-01-31|rest',
    '0000-01-31T12:00:00.000Z|rest',
    '+010000-01-31T12:00:00.000Z|rest',
    'yesterday|rest',
  ])('is not %j', (text) => {
    expect(KEYS.test(text)).toBe(false);
  });
});
