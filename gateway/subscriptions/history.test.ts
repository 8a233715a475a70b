import { expect, test } from 'vitest';
import { Delivery } from './delivery.ts';
import { History } from './history.ts';

const delivery = (number: number, size = 1): Delivery =>
  new Delivery(JSON.stringify('x'.repeat(size)), { cursor: String(number) });

function historyOf(count: number, size?: number): History {
  const history = new History();
  history.begin('0');
  for (let number = 1; number <= count; number += 1) history.add(delivery(number, size), String(number));
  return history;
}

const cursors = (deliveries: Delivery[] | undefined): unknown => deliveries?.map(({ cursor }) => Number(cursor));

test('a history tells what was told behind a cursor: behind its beginning everything, behind its end nothing', () => {
  const history = historyOf(3);
  expect(cursors(history.behind('0'))).toEqual([1, 2, 3]);
  expect(cursors(history.behind('2'))).toEqual([3]);
  expect(cursors(history.behind('3'))).toEqual([]);
  expect(history.cursor).toBe('3');
});

test('a history knows nothing of a cursor that it has not seen, or seen too long ago', () => {
  const history = historyOf(1_000);
  expect(history.behind('another')).toBeUndefined();
  expect(history.behind('0')).toBeUndefined();
  expect(history.behind('700')).toBeUndefined();
  expect(cursors(history.behind('990'))).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1_000]);
  expect(new History().behind('0')).toBeUndefined();
});

test('a history of large results is short, and never without its end', () => {
  const history = historyOf(20, 300_000);
  expect(history.behind('15')).toBeUndefined();
  expect(cursors(history.behind('18'))).toEqual([19, 20]);
  expect(cursors(historyOf(3, 2_000_000).behind('3'))).toEqual([]);
});

test('a place without a result is one to begin at, too', () => {
  const history = historyOf(2);
  history.begin('5');
  history.add(delivery(6), '6');
  expect(cursors(history.behind('5'))).toEqual([6]);
  expect(cursors(history.behind('1'))).toEqual([2, 6]);
});
