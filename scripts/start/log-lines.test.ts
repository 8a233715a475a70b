import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { readLogLine } from './log-lines.ts';

function read(record: object): { level: string; text: string; stack: readonly string[] } | undefined {
  const line = readLogLine(JSON.stringify(record));
  return line && { ...line, text: stripVTControlCharacters(line.text) };
}

test('a pino line is read with its level, message and fields', () => {
  const record = { level: 30, time: 1, pid: 2, hostname: 'h', service: 'user', msg: 'listening', port: 4001 };
  expect(read(record)).toEqual({ level: 'info', text: 'listening port=4001', stack: [] });
});

test('levels may be written out', () => {
  expect(read({ level: 'warn', msg: 'slow' })?.level).toBe('warn');
});

test('an error shows its message, and its stack when it matters', () => {
  const err = { type: 'Error', message: 'no such table', stack: 'Error: no such table\n    at store (users.ts:1)' };
  expect(read({ level: 50, msg: 'failed', err })).toEqual({
    level: 'error',
    text: 'failed err="no such table"',
    stack: ['    at store (users.ts:1)'],
  });
  expect(read({ level: 30, msg: 'failed', err })?.stack).toEqual([]);
});

test('long values are cut and only the first few fields shown', () => {
  const text =
    read({ level: 30, msg: 'm', a: 'x'.repeat(1_000), b: 1, c: 1, d: 1, e: 1, f: 1, g: 'unseen' })?.text ?? '';
  expect(text.length).toBeLessThan(200);
  expect(text).not.toContain('unseen');
});

test.for(['', 'plain text', '{', '[1]', '{"level":31}', '{"msg":"no level"}', '"text"'])(
  '%j is no log line',
  (line) => {
    expect(readLogLine(line)).toBeUndefined();
  },
);
