import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from './poll.ts';
import { SteadfastSubscriber } from './steadfast-subscriber.ts';
import type { Asked, Heard } from './stream-lines.ts';

const CURSOR = (version: number): string => `at-${version}`;
const event = (version: number, text = ''): string =>
  JSON.stringify({ data: { told: { version, text } }, extensions: { cursor: CURSOR(version) } });
const checkpoint = (version: number): string =>
  JSON.stringify({ data: null, extensions: { cursor: CURSOR(version), checkpoint: true } });
const errors = (cursor?: string): string => JSON.stringify([{ extensions: { code: 'SLOW_CONSUMER', cursor } }]);

describe('a steadfast subscriber', () => {
  const lines: { asked: Asked; heard: Heard }[] = [];
  let subscriber: SteadfastSubscriber;
  beforeEach(() => {
    lines.length = 0;
    const open = (asked: Asked, heard: Heard): (() => void) => {
      lines.push({ asked, heard });
      return () => undefined;
    };
    subscriber = new SteadfastSubscriber({ url: '', token: '', query: '', open, holding: '"version"' });
  });
  afterEach(() => subscriber[Symbol.asyncDispose]());
  const line = (at: number): Promise<{ asked: Asked; heard: Heard }> => until(() => lines[at]);

  test('finds nothing wrong with what comes once and in order, however its line ends', async () => {
    const first = await line(0);
    first.heard.result(checkpoint(0));
    first.heard.result(event(1));
    first.heard.closed('1006');
    const second = await line(1);
    expect(second.asked.variables['after']).toBe(CURSOR(1));
    second.heard.result(event(2));
    second.heard.failed(errors(CURSOR(2)));
    (await line(2)).heard.result(event(3));
    expect(subscriber).toMatchObject({ wrongs: [], told: 3, last: 3, resumes: ['1006', 'SLOW_CONSUMER'] });
  });

  test.each([
    ['comes twice', [event(1), event(1)]],
    ['was left out', [event(1), event(3)]],
    ['comes too late', [event(2), event(1)]],
    ['is none', ['{"data":null,"errors":[]}']],
  ])('notes what %s', async (_, told) => {
    const { heard } = await line(0);
    for (const text of told) heard.result(text);
    expect(subscriber.wrongs.length).toBeGreaterThan(0);
  });

  test.each([
    ['without a cursor', errors()],
    ['with a cursor of somebody else', errors(CURSOR(7))],
  ])('notes an end %s', async (_, told) => {
    const { heard } = await line(0);
    heard.result(event(1));
    heard.failed(told);
    expect(subscriber.wrongs).toHaveLength(1);
  });

  test('notes an end without a word', async () => {
    (await line(0)).heard.completed();
    expect(subscriber.wrongs).toEqual(['completed']);
  });
});
