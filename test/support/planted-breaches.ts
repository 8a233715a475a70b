import type { Attempt } from '#scripts/verify/calls.ts';
import type { Plant } from './planted-rows.ts';

/** What happened in the system, and the record of it. */
export interface Story {
  readonly attempts: Attempt[];
  readonly users: string[];
  /** One that stands, one that failed, one that was cancelled. */
  readonly orders: readonly [string, string, string];
}

export interface Breach {
  readonly what: string;
  /** The rows that must be red, and no others. */
  readonly rows: readonly number[];
  readonly plants?: (story: Story) => readonly Plant[];
  /** The record of calls as it is given; none when left out. */
  readonly calls?: (story: Story) => readonly Attempt[];
  /** A word of what is told. */
  readonly told: string | RegExp;
}

export const inBoth = (sql: string): Plant[] => [
  { in: 'inventory', sql },
  { in: 'oracle', sql },
];
export const EMPTY_UUID = '00000000-0000-7000-8000-000000000001';
export const newKey = (field: string, key: string, outcome: object): string =>
  `INSERT INTO idempotency_keys (caller, field, key, fingerprint, outcome)
   VALUES ('x', '${field}', '${key}', '', '${JSON.stringify(outcome)}')`;
export const changedAt = (
  attempts: readonly Attempt[],
  at: number,
  answer: Partial<NonNullable<Attempt['answer']>>,
): Attempt[] =>
  attempts.map((attempt, index) =>
    index === at && attempt.answer ? { ...attempt, answer: { ...attempt.answer, ...answer } } : attempt,
  );
/** Where in the record the attempts of the first order and of the refused cancellation are. */
export const atOf = ({ attempts }: Story, field: string): number =>
  attempts.findIndex((attempt) => attempt.field === field);
