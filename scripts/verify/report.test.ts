import { expect, test } from 'vitest';
import { newSheet, renderReport, rowsOf } from './report.ts';

test('a report says of each invariant what was looked at, what is wrong and what was left out', () => {
  const sheet = newSheet(1);
  sheet.oversell.look('products', 3);
  sheet.oversell.look('products', 2);
  sheet.sagas.violation('the first\u001B[31m order\nis wrong');
  sheet.sagas.violation('the second order is wrong');
  sheet.status.leave('what the API shows');
  const text = renderReport({ rows: rowsOf(sheet), violations: 2, quiet: false, open: { orders: 2 }, tookMs: 7 });
  expect(text.split('\n')).toHaveLength(15);
  expect(text).toContain(' 1  no oversell                  ok           5 products\n');
  expect(text).toContain(' 7  sagas agree                  2 VIOLATED   nothing to look at\n');
  expect(text).toContain('      - the first order is wrong\n      - and 1 more\n');
  expect(text).toContain(
    '10  status is honest             ok           nothing to look at\n      (not looked at: what the API shows)',
  );
  expect(text).toContain(
    'not quiet: 2 open (2 orders). Only what holds at any moment was checked. 2 violations, after 7 ms',
  );
});
