import {
  ADMINS,
  ANY,
  CONNECTION,
  MUTATION,
  PAYLOAD,
  QUERY,
  REFUSABLE,
  type Row,
  named,
  row,
  rows,
  through,
} from './access-vocabulary.ts';

/** One rests in `users-to-oracle` (test/integration/access.test.ts puts it there), and none anywhere else. */
const DEAD_LETTERS = through(QUERY, 'deadLetters(pipeline: "users-to-oracle") { FIELD }', 'deadLetters');
const REDELIVER = 'redeliver(input: { pipeline: "products-to-oracle", all: true }, idempotencyKey: $key)';
const DISCARD = `discard(
  input: { pipeline: "products-to-oracle", eventId: "01900000-0000-7000-8000-000000000000", reason: "a test" }, idempotencyKey: $key)`;
const NONE_TO_DISCARD = { ...ADMINS, admin: 'DEAD_LETTER_NOT_FOUND' } as const;

export const DEAD_LETTER_ROWS: readonly Row[] = [
  row('Query.deadLetters', `deadLetters(pipeline: "users-to-oracle") ${ANY}`, ADMINS),
  row('Mutation.redeliver', `${REDELIVER} ${REFUSABLE}`, ADMINS),
  row('Mutation.discard', `${DISCARD} ${REFUSABLE}`, NONE_TO_DISCARD),
  ...rows('DeadLetterConnection', { reach: DEAD_LETTERS, gets: ADMINS, fields: CONNECTION }),
  ...rows('DeadLetterEdge', {
    reach: through(DEAD_LETTERS, 'edges { FIELD }', 'edges', 0),
    gets: ADMINS,
    fields: { node: ANY, cursor: '' },
  }),
  ...rows('DeadLetter', {
    reach: through(DEAD_LETTERS, 'edges { node { FIELD } }', 'edges', 0, 'node'),
    gets: ADMINS,
    fields: {
      ...named('eventId', 'type', 'entity', 'recordId', 'version', 'revision', 'error', 'attempts', 'redeliveries'),
      ...named('payload', 'occurredAt', 'deadLetteredAt'),
    },
  }),
  ...rows('RedeliverPayload', {
    reach: through(MUTATION, `${REDELIVER} { FIELD }`, 'redeliver'),
    gets: ADMINS,
    fields: { ...PAYLOAD, pipeline: ANY, redelivered: '' },
  }),
  ...rows('DiscardPayload', {
    reach: through(MUTATION, `${DISCARD} { FIELD }`, 'discard'),
    gets: ADMINS,
    fields: { replayed: '' },
  }),
  // There is nothing to discard, and a refusal names no pipeline.
  ...rows('DiscardPayload', {
    reach: through(MUTATION, `${DISCARD} { FIELD }`, 'discard'),
    gets: { ...ADMINS, admin: 'null' },
    fields: { pipeline: ANY },
  }),
  ...rows('DiscardPayload', {
    reach: through(MUTATION, `${DISCARD} { FIELD }`, 'discard'),
    gets: NONE_TO_DISCARD,
    fields: { userErrors: '{ code }' },
  }),
];
