import { expect, test } from 'vitest';
import { invariant, InvariantViolation, unreachable } from './invariant.ts';

test('an invariant that holds says nothing', () => {
  expect(() => invariant(1 + 1 === 2, 'arithmetic works')).not.toThrow();
});

test('an invariant that does not hold throws its sentence', () => {
  expect(() => invariant(null, 'a row was returned')).toThrow(new InvariantViolation('a row was returned'));
});

test('a value without a case is named', () => {
  expect(() => unreachable('SURPRISE' as never)).toThrow('no case for "SURPRISE"');
});
