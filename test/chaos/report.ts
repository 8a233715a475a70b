import { styleText } from 'node:util';
import { renderReport, type INVARIANTS, type Report } from '#scripts/verify/report.ts';
import type { Failure, Tally } from '../support/persistent-calls.ts';
import type { Dealt } from './storm.ts';

/** What a run of chaos came to. */
export interface ChaosReport {
  readonly seed: number;
  readonly ranMs: number;
  readonly tally: Tally;
  /** Calls that were made, each of one or more attempts. */
  readonly calls: number;
  /** Calls whose effect came about, and whose first answer was lost. */
  readonly recovered: number;
  readonly dealt: readonly Dealt[];
  /** Kills by what was killed. */
  readonly kills: Readonly<Record<string, number>>;
  readonly answersLost: number;
  /** How often subscribers lost their stream. */
  readonly breaks: number;
  /** From the healing until every order was decided and every call answered. */
  readonly decidedMs: number;
  readonly checked: Report;
  /** What subscribers should have seen and did not, and what they saw twice. */
  readonly missed: readonly string[];
  readonly repeated: readonly string[];
  /** Failures that told their callers too little or too much. */
  readonly unclear: readonly Failure[];
  /** What else was not as it should be, as sentences. */
  readonly problems: readonly string[];
}

const LOST: readonly (typeof INVARIANTS)[number][] = [
  'no lost write',
  'copies converge',
  'everything is accounted for',
];
const DUPLICATED: readonly (typeof INVARIANTS)[number][] = ['no oversell', 'no duplicate effect', 'replays are stable'];

/** What counts, by the names under which it is printed. */
export function countsOf(report: ChaosReport): Record<string, number> {
  const { checked, tally } = report;
  const violationsOf = (names: readonly string[]): number =>
    checked.rows.filter(({ name }) => names.includes(name)).reduce((sum, { violations }) => sum + violations, 0);
  const [lost, duplicated] = [violationsOf(LOST), violationsOf(DUPLICATED)];
  const others = checked.violations - lost - duplicated + (checked.quiet ? 0 : 1);
  return {
    attempts: tally.attempts,
    ok: tally.ok,
    refused: tally.refused,
    unknown: tally.unknown,
    recovered: report.recovered,
    lost: lost + report.missed.length,
    duplicated: duplicated + report.repeated.length,
    unexpected: others + report.unclear.length + report.problems.length,
  };
}

/** Decided in time, nothing lost, doubled or unexpected; and something was there to be lost: a run in which no answer was proves nothing. */
export function isSound(report: ChaosReport): boolean {
  const { recovered = 0, lost, duplicated, unexpected } = countsOf(report);
  return recovered > 0 && lost === 0 && duplicated === 0 && unexpected === 0 && report.decidedMs <= DECIDED_WITHIN_MS;
}

/** Promised. */
const DECIDED_WITHIN_MS = 30_000;
const MOST_EXAMPLES = 10;

/** For people, and the counts for programs at its end, one `name: N` a line. */
export function renderChaos(report: ChaosReport): string {
  const { missed, repeated, unclear, problems } = report;
  const examples = (what: string, list: readonly string[]): string[] =>
    list.length === 0 ? [] : [`${what}:`, ...list.slice(0, MOST_EXAMPLES).map((one) => `  - ${one}`)];
  const kinds = Map.groupBy(report.dealt, ({ name }) => name);
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  return [
    styleText('bold', `Chaos, seed ${report.seed}, ${seconds(report.ranMs)} in all`),
    '',
    ...[...kinds].toSorted(([a], [b]) => a.localeCompare(b)).map(([name, list]) => `${list.length} × ${name}`),
    '',
    `killed: ${Object.entries(report.kills)
      .map(([name, many]) => `${name} ${many}`)
      .join(', ')}`,
    `${report.calls} calls; ${report.answersLost} answers lost on links; subscribers lost their stream ${report.breaks} times`,
    `every order decided and every call answered ${seconds(report.decidedMs)} after the healing`,
    '',
    renderReport(report.checked),
    '',
    ...examples('subscribers missed', missed),
    ...examples('subscribers saw twice', repeated),
    ...examples(
      'told callers too little or too much',
      unclear.map((failure) => JSON.stringify(failure)),
    ),
    ...examples('besides', problems),
    ...Object.entries(countsOf(report)).map(([name, many]) => `${name}: ${many}`),
  ].join('\n');
}
