import { expect, test } from 'vitest';
import { disorderedIn, missedBy, repeatedBy, type Seen } from './sync-watcher.ts';

const events = (...names: string[]): Seen[] => names.map((recordId) => ({ recordId, targetVersion: 1 }));
const told = events('a', 'b', 'c', 'd');

test('a subscriber that saw all once and in order missed nothing, and nothing came twice or late', () => {
  expect([missedBy(told, told), repeatedBy(told), disorderedIn(told, told)]).toEqual([[], [], []]);
});

test('what was missed, what came twice and what came late is named', () => {
  expect(missedBy(events('a', 'c'), told)).toEqual(['b at 1', 'd at 1']);
  expect(repeatedBy(events('a', 'b', 'a', 'a'))).toEqual(['a at 1']);
  expect(disorderedIn(events('a', 'd', 'b', 'c'), told)).toEqual(['b at 1', 'c at 1']);
});
