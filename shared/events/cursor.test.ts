import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refusal } from '../refusal.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

const sources = fc.stringMatching(/^[a-z][a-z-]{0,20}$/);
const positions = fc.nat({ max: 999_999_999_999_999 });

function refusal(cursor: string): unknown {
  try {
    return decodeCursor('user', cursor);
  } catch (error) {
    return error;
  }
}

test('a cursor gives its position back to its source', () => {
  fc.assert(
    fc.property(sources, positions, (source, position) => {
      expect(decodeCursor(source, encodeCursor(source, position))).toBe(position);
    }),
  );
});

test('a cursor goes through URLs and JSON as it is', () => {
  fc.assert(
    fc.property(sources, positions, (source, position) => {
      expect(encodeCursor(source, position)).toMatch(/^[\w-]+$/);
    }),
  );
});

test.each([
  ['of another source', encodeCursor('order', 7)],
  ['without a position', Buffer.from('user:').toString('base64url')],
  ['with a negative position', encodeCursor('user', -7)],
  ['with half a position', encodeCursor('user', 7.5)],
  ['with a position beyond all', Buffer.from(`user:${'9'.repeat(16)}`).toString('base64url')],
  ['with something behind it', Buffer.from('user:7 OR 1=1').toString('base64url')],
  ['that is empty', ''],
  ['that is plain text', 'user:7'],
])('a cursor %s is refused by the argument it came in', (_, cursor) => {
  expect(refusal(cursor)).toBeInstanceOf(Refusal);
  expect(refusal(cursor)).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
});

test('whatever else comes as a cursor is refused, never a fault', () => {
  fc.assert(
    fc.property(fc.string(), (cursor) => {
      const answer = refusal(cursor);
      expect(answer instanceof Refusal || Number.isSafeInteger(answer)).toBe(true);
    }),
  );
});
