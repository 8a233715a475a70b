import { describe, expect, test } from 'vitest';
import { checkInput } from '#shared/input.ts';
import { readInput, sendInput } from './notification-input.ts';

const good = { userId: 'u1', channel: 'IN_APP', subject: 'Hello', body: 'Line one.\n\tLine two. 🎉' };

test('a message is taken as it is, without the space around it', () => {
  expect(checkInput(sendInput, { ...good, subject: '  Hello ' })).toEqual(good);
});

describe.each([
  ['subject', ''],
  ['subject', '   '],
  ['subject', 'x'.repeat(201)],
  ['subject', 'Hello\r\nBcc: everyone@example.com'],
  ['subject', 'nul \u0000'],
  ['subject', 'half \ud83d'],
  ['body', ''],
  ['body', 'x'.repeat(10_001)],
  ['body', 'nul \u0000'],
  ['body', 'bell \u0007'],
  ['channel', 'PIGEON'],
])('a %s of %j', (field, value) => {
  test('is refused by name', () => {
    expect(() => checkInput(sendInput, { ...good, [field]: value })).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', field }),
    );
  });
});

test('the longest subject and body pass', () => {
  const longest = { ...good, subject: 'x'.repeat(200), body: 'y'.repeat(10_000) };
  expect(checkInput(sendInput, longest)).toEqual(longest);
});

test('ids are read without regard to case', () => {
  expect(checkInput(sendInput, { ...good, userId: 'ABC-1' }).userId).toBe('abc-1');
  expect(checkInput(readInput, { id: 'ABC-1' })).toEqual({ id: 'abc-1' });
});

test('reading needs an id', () => {
  expect(() => checkInput(readInput, {})).toThrow(expect.objectContaining({ field: 'id' }));
});
