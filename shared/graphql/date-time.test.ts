import fc from 'fast-check';
import { GraphQLError, Kind } from 'graphql';
import { describe, expect, test } from 'vitest';
import { DateTime } from './date-time.ts';

const instants = fc.date({
  min: new Date('0000-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});

describe('an instant', () => {
  test('goes over the wire and back as it is', () => {
    fc.assert(
      fc.property(instants, (instant) => {
        const wire = DateTime.serialize(instant);
        expect(wire).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        expect(DateTime.parseValue(wire)).toEqual(instant);
        expect(DateTime.parseLiteral({ kind: Kind.STRING, value: wire })).toEqual(instant);
      }),
    );
  });

  test.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31t12:00:00z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00.5Z', '2026-01-31T12:00:00.500Z'],
    ['2026-01-31T12:00:00.123456789Z', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31T12:00:00+01:30', '2026-01-31T10:30:00.000Z'],
    ['2026-01-31T23:00:00-02:00', '2026-02-01T01:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('may be given as %s', (given, instant) => {
    expect(DateTime.parseValue(given)).toEqual(new Date(instant));
  });

  test.each([
    '',
    'yesterday',
    '2026-01-31',
    '2026-01-31T12:00:00',
    '2026-01-31T12:00Z',
    '2026-01-31 12:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-32T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-02-29T00:00:00+01:00',
    '2026-01-31T24:00:00Z',
    '2026-01-31T12:60:00Z',
    '2026-01-31T12:00:00+25:00',
    '2026-01-31T12:00:00Z\n',
    1_769_860_800_000,
    null,
    true,
    {},
  ])('is not %j', (given) => {
    expect(() => DateTime.parseValue(given)).toThrow(GraphQLError);
    expect(() => DateTime.parseValue(given)).toThrow('An instant must be RFC 3339, as in 2026-01-31T12:00:00Z.');
  });

  test('is not a number in a document', () => {
    expect(() => DateTime.parseLiteral({ kind: Kind.INT, value: '2026' })).toThrow(GraphQLError);
  });

  test('that another service sent as text is passed on in the one form', () => {
    expect(DateTime.serialize('2026-01-31T13:00:00+01:00')).toBe('2026-01-31T12:00:00.000Z');
  });
});
