import { describe, expect, test } from 'vitest';
import { breachesOf, type Call, type Facts, type Invariant } from './invariants.ts';

const event = (
  position: number,
  subject: string,
  version: number,
): { position: number; subject: string; version: number } => ({
  position,
  subject,
  version,
});
const user = (id: string, version: number): Facts['users'][number] => ({
  id,
  email: `${id}@example.com`,
  first_name: `Ada ${version}`,
  last_name: 'Lovelace',
  version,
  role: 'CUSTOMER',
});
const registration = (id: string): Call => ({
  field: 'registerUser',
  key: `register ${id}`,
  email: `${id}@example.com`,
  answers: [
    { userId: id, replayed: false, refusals: [] },
    { userId: id, replayed: true, refusals: [] },
  ],
});
const update = (id: string): Call => ({
  field: 'updateUser',
  key: `update ${id}`,
  userId: id,
  answers: [{ userId: id, replayed: true, refusals: [] }],
});
const refused: Call = {
  field: 'registerUser',
  key: 'refused',
  email: 'taken@example.com',
  answers: [{ userId: null, replayed: false, refusals: ['EMAIL_TAKEN'] }],
};

/** Two users, one of them changed once. */
const log = [event(1, 'a', 1), event(2, 'b', 1), event(3, 'a', 2)];
const users = [user('a', 2), user('b', 1)];
const whole: Facts = {
  calls: [registration('a'), registration('b'), update('a'), refused],
  users,
  keys: [
    { field: 'registerUser', key: 'register a', user_id: 'a', version: 1 },
    { field: 'registerUser', key: 'register b', user_id: 'b', version: 1 },
    { field: 'updateUser', key: 'update a', user_id: 'a', version: 2 },
    { field: 'registerUser', key: 'refused', user_id: null, version: null },
  ],
  outbox: log,
  bus: log,
  told: log,
  ledger: log.map(({ position }) => ({ position, state: 'APPLIED' })),
  replicas: users,
  pipeline: {
    counts: { committed: 3, applied: 3, superseded: 0, inFlight: 0, deadLettered: 0 },
    lag: { records: 0, seconds: 0 },
  },
};

const changed = <Row extends object>(rows: readonly Row[], at: number, change: Partial<Row>): Row[] =>
  rows.map((row, index) => (index === at ? { ...row, ...change } : row));

/** By invariant: ways to break it, each as what differs from the whole. */
const BREACHES: Readonly<Record<Invariant, Readonly<Record<string, Partial<Facts>>>>> = {
  'nothing acknowledged is lost': {
    'a missing row': { users: users.slice(1) },
    'a second row': { users: [...users, { ...user('c', 1), email: 'a@example.com' }] },
    'another id than was acknowledged': { users: changed(users, 1, { id: 'c' }) },
  },
  'nothing exists that nobody asked for': {
    'a phantom': { users: [...users, user('c', 1)] },
    'a refused user': { users: [...users, { ...user('c', 1), email: 'taken@example.com' }] },
    'a key that nobody used': { keys: [...whole.keys, { field: 'updateUser', key: 'x', user_id: 'x', version: 9 }] },
  },
  'one effect per key': {
    'a duplicated effect': { users: changed(users, 0, { version: 3 }) },
    'an effect that was lost': { users: changed(users, 0, { version: 1 }) },
    'two keys that produced one version': { keys: changed(whole.keys, 2, { version: 1 }) },
    'a key that was not kept': { keys: whole.keys.slice(1) },
  },
  'replays are stable': {
    'two first answers': {
      calls: changed(whole.calls, 2, {
        answers: [
          { userId: 'a', replayed: false, refusals: [] },
          { userId: 'a', replayed: false, refusals: [] },
        ],
      }),
    },
    'a refusal that became a success': {
      calls: changed(whole.calls, 3, {
        answers: [...refused.answers, { userId: 'c', replayed: true, refusals: [] }],
      }),
    },
    'another id': {
      calls: changed(whole.calls, 1, {
        answers: [...registration('b').answers, { userId: 'c', replayed: true, refusals: [] }],
      }),
    },
  },
  'copies equal the source': {
    'a stale copy': { replicas: changed(users, 0, { version: 1 }) },
    'a copy of another content': { replicas: changed(users, 0, { first_name: 'Eve' }) },
    'a missing copy': { replicas: users.slice(1) },
    'a copy of nothing': { replicas: [...users, user('c', 1)] },
  },
  'records never go back': {
    'an outbox out of order': { outbox: [event(1, 'a', 2), event(2, 'b', 1), event(3, 'a', 1)] },
    'a bus out of order': { bus: [event(1, 'a', 2), event(2, 'b', 1), event(3, 'a', 1)] },
    'a target that went back': { told: [...log, event(4, 'a', 1)] },
    'a change that was never told': { outbox: log.slice(0, 2), bus: log.slice(0, 2) },
    'a change that was told twice': { outbox: [...log, event(4, 'a', 2)] },
  },
  'everything is accounted for': {
    'a gap in the outbox': { outbox: [event(1, 'a', 1), event(2, 'b', 1), event(4, 'a', 2)] },
    'an event that missed the bus': { bus: log.slice(0, 2) },
    'an event that missed the ledger': { ledger: whole.ledger.slice(1) },
    'an event that is not settled': { ledger: changed(whole.ledger, 2, { state: 'RETRYING' }) },
    'counts that do not add up': {
      pipeline: { ...whole.pipeline, counts: { ...whole.pipeline.counts, applied: 2 } },
    },
    'an unknown count': { pipeline: { ...whole.pipeline, counts: { ...whole.pipeline.counts, committed: null } } },
  },
  'no lag once quiet': {
    'a lag of one record': { pipeline: { ...whole.pipeline, lag: { records: 1, seconds: 0.2 } } },
    'an unknown lag': { pipeline: { ...whole.pipeline, lag: null } },
  },
};

test('a system that is whole has no breaches', () => {
  expect(breachesOf(whole)).toEqual([]);
});

test('a call that was never answered may or may not have had its effect', () => {
  const calls = changed(whole.calls, 2, { answers: [] });
  expect(breachesOf({ ...whole, calls })).toEqual([]);
});

describe.each(Object.entries(BREACHES))('"%s" tells', (invariant, planted) => {
  test.each(Object.entries(planted))('%s', (_, breach) => {
    expect(breachesOf({ ...whole, ...breach })).toContainEqual(expect.stringMatching(`^${invariant}: `));
  });
});
