import { expect, test } from 'vitest';
import { BUGS, type Bug } from './planted-bugs.ts';
import { shrink } from './shrink.ts';
import { simulate, type Report } from './simulation.ts';

/** As many as the tests run without a bug. */
const SEEDS = 1_000;
const DEADLINE_MS = 240_000;

/** The promises that each bug breaks, whichever is found broken first. */
const BREAKS: Readonly<Record<Bug, readonly string[]>> = {
  'seq-cursor': ['every event is told'],
  'xid-seq-cursor': ['positions follow versions'],
  'key-outside-transaction': ['one effect per key'],
  'acknowledged-before-ledger': ['the lag shown is no less than the lag', 'every event is in the ledger'],
  'two-writers-per-source': ['a source has one writer', 'every event is told'],
  'no-revision-guard': ['a copy never goes back'],
  'release-without-state-check': ['nothing is sold twice', 'a hold ends once', 'each step of a line once'],
  'confirm-ignoring-expiry': ['what has expired is not confirmed'],
  'epoch-not-raised': ['every event is in the ledger', 'source and copy are equal', 'the state shown is the state'],
  'duplicate-starts-second-saga': ['one saga per key'],
  'dead-letter-blocks-others': ['every event is applied'],
  'lock-held-across-network': ['every event is told'],
  'lost-tail-not-resent': ['every event is told'],
};

function firstFailing(bug: Bug): Report | undefined {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const report = simulate({ seed, bug });
    if (report.violation !== undefined) return report;
  }
  return undefined;
}

test.each(BUGS)('the planted bug %s is caught', { timeout: DEADLINE_MS }, (bug) => {
  const report = firstFailing(bug);
  console.log(`${bug}: seed ${report?.seed} after ${report?.steps} steps: ${report?.violation?.message}`);
  expect(BREAKS[bug]).toContain(report?.violation?.promise);
  expect(simulate({ seed: report!.seed }).violation, 'without the bug').toBeUndefined();
});

test('a failing run is made smaller, and still breaks the same promise', { timeout: DEADLINE_MS }, () => {
  const bug = 'key-outside-transaction';
  const failing = firstFailing(bug)!;
  const { limits, report } = shrink({ seed: failing.seed, bug }, failing);
  expect(report.violation?.promise).toBe(failing.violation?.promise);
  expect(limits.without.length).toBeGreaterThan(3);
  expect(simulate({ seed: failing.seed, bug, limits }).violation).toEqual(report.violation);
});
