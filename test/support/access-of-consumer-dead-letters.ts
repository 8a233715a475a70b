import {
  ADMINS,
  ANY,
  CONNECTION,
  EDGE,
  MUTATION,
  named,
  PAYLOAD,
  QUERY,
  REFUSABLE,
  row,
  rows,
  through,
  type Row,
} from './access-vocabulary.ts';

/** One rests at the order service (test/integration/access.test.ts puts it there), and none at the notification service. */
const LETTERS = through(QUERY, 'orderDeadLetters { FIELD }', 'orderDeadLetters');
const REDELIVER = 'redeliverNotificationDeadLetters(input: { all: true }, idempotencyKey: $key)';
const NO_LETTER = '{ eventId: "01900000-0000-7000-8000-000000000000", reason: "a test" }';
const DISCARD = `discardNotificationDeadLetter(input: ${NO_LETTER}, idempotencyKey: $key)`;
const NONE_TO_DISCARD = { ...ADMINS, admin: 'DEAD_LETTER_NOT_FOUND' } as const;
const NONE_TO_REDELIVER = '{ eventId: "01900000-0000-7000-8000-000000000000" }';

export const CONSUMER_DEAD_LETTER_ROWS: readonly Row[] = [
  row('Query.orderDeadLetters', `orderDeadLetters ${ANY}`, ADMINS),
  row('Query.notificationDeadLetters', `notificationDeadLetters ${ANY}`, ADMINS),
  row(
    'Mutation.redeliverOrderDeadLetters',
    `redeliverOrderDeadLetters(input: ${NONE_TO_REDELIVER}, idempotencyKey: $key) ${REFUSABLE}`,
    NONE_TO_DISCARD,
  ),
  row('Mutation.redeliverNotificationDeadLetters', `${REDELIVER} ${REFUSABLE}`, ADMINS),
  row(
    'Mutation.discardOrderDeadLetter',
    `discardOrderDeadLetter(input: ${NO_LETTER}, idempotencyKey: $key) ${REFUSABLE}`,
    NONE_TO_DISCARD,
  ),
  row('Mutation.discardNotificationDeadLetter', `${DISCARD} ${REFUSABLE}`, NONE_TO_DISCARD),
  ...rows('ConsumerDeadLetterConnection', { reach: LETTERS, gets: ADMINS, fields: CONNECTION }),
  ...rows('ConsumerDeadLetterEdge', {
    reach: through(LETTERS, 'edges { FIELD }', 'edges', 0),
    gets: ADMINS,
    fields: EDGE,
  }),
  ...rows('ConsumerDeadLetter', {
    reach: through(LETTERS, 'edges { node { FIELD } }', 'edges', 0, 'node'),
    gets: ADMINS,
    fields: {
      ...named('eventId', 'type', 'source', 'recordId', 'version', 'error', 'attempts', 'redeliveries'),
      ...named('payload', 'occurredAt', 'deadLetteredAt'),
    },
  }),
  ...rows('RedeliverDeadLettersPayload', {
    reach: through(MUTATION, `${REDELIVER} { FIELD }`, 'redeliverNotificationDeadLetters'),
    gets: ADMINS,
    fields: { ...PAYLOAD, redelivered: '' },
  }),
  ...rows('DiscardDeadLetterPayload', {
    reach: through(MUTATION, `${DISCARD} { FIELD }`, 'discardNotificationDeadLetter'),
    gets: ADMINS,
    fields: { replayed: '' },
  }),
  ...rows('DiscardDeadLetterPayload', {
    reach: through(MUTATION, `${DISCARD} { FIELD }`, 'discardNotificationDeadLetter'),
    gets: NONE_TO_DISCARD,
    fields: { userErrors: '{ code }' },
  }),
];
