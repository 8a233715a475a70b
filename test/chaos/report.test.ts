import { expect, test } from 'vitest';
import { newSheet, rowsOf, type Report } from '#scripts/verify/report.ts';
import { countsOf, isSound, renderChaos, type ChaosReport } from './report.ts';

function checked(find: (sheet: ReturnType<typeof newSheet>) => void = () => undefined, quiet = true): Report {
  const sheet = newSheet(5);
  find(sheet);
  const rows = rowsOf(sheet);
  return { rows, violations: rows.reduce((sum, row) => sum + row.violations, 0), quiet, open: {}, tookMs: 1 };
}

const SOUND: ChaosReport = {
  seed: 7,
  ranMs: 61_000,
  tally: { attempts: 12, ok: 8, refused: 1, unknown: 3 },
  calls: 9,
  recovered: 2,
  dealt: [{ name: 'kill user', at: 1, forMs: 2 }],
  kills: { user: 1 },
  answersLost: 3,
  breaks: 1,
  decidedMs: 900,
  checked: checked(),
  missed: [],
  repeated: [],
  unclear: [],
  problems: [],
};

test('a sound run ends with its counts, one a line', () => {
  expect(isSound(SOUND)).toBe(true);
  expect(renderChaos(SOUND).split('\n').slice(-8)).toEqual([
    'attempts: 12',
    'ok: 8',
    'refused: 1',
    'unknown: 3',
    'recovered: 2',
    'lost: 0',
    'duplicated: 0',
    'unexpected: 0',
  ]);
});

const failure = { at: 1, kind: 'other', detail: '500 without data or errors', errors: [] } as const;

test.each<[string, Partial<ChaosReport>, Record<string, number>]>([
  ['a lost write', { checked: checked((sheet) => sheet.lost.violation('a user is not there')) }, { lost: 1 }],
  ['a copy that differs', { checked: checked((sheet) => sheet.convergence.violation('two differ')) }, { lost: 1 }],
  ['an event that no ledger has', { checked: checked((sheet) => sheet.accounting.violation('one')) }, { lost: 1 }],
  ['what a subscriber missed', { missed: ['a at 1', 'b at 1'] }, { lost: 2 }],
  ['a doubled effect', { checked: checked((sheet) => sheet.duplicates.violation('twice')) }, { duplicated: 1 }],
  [
    'a piece that was sold twice',
    { checked: checked((sheet) => sheet.oversell.violation('twice')) },
    { duplicated: 1 },
  ],
  ['another answer to a retry', { checked: checked((sheet) => sheet.replays.violation('other')) }, { duplicated: 1 }],
  ['what a subscriber saw twice', { repeated: ['a at 1'] }, { duplicated: 1 }],
  ['a phantom', { checked: checked((sheet) => sheet.phantoms.violation('nobody')) }, { unexpected: 1 }],
  ['a system that does not come to rest', { checked: checked(undefined, false) }, { unexpected: 1 }],
  ['an unclear error', { unclear: [failure] }, { unexpected: 1 }],
  ['a process that ended by itself', { problems: ['sync 1 ended by itself, 1 times'] }, { unexpected: 1 }],
])('%s counts, and the run is not sound', (_, change, counts) => {
  const report = { ...SOUND, ...change };
  expect(countsOf(report)).toEqual({ ...countsOf(SOUND), ...counts });
  expect(isSound(report)).toBe(false);
});

test('a run in which no answer was lost, or an order was decided too late, is not sound', () => {
  expect(isSound({ ...SOUND, recovered: 0 })).toBe(false);
  expect(isSound({ ...SOUND, decidedMs: 30_001 })).toBe(false);
});

test('what was wrong is told', () => {
  const text = renderChaos({
    ...SOUND,
    missed: ['ada at 3'],
    unclear: [failure],
    problems: ['sync 1 ended by itself'],
  });
  for (const told of ['ada at 3', '500 without data or errors', 'sync 1 ended by itself']) expect(text).toContain(told);
});
