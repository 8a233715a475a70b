import {
  ANY,
  CONNECTION,
  EDGE,
  MUTATION,
  OPERATORS,
  OWNERS,
  PAYLOAD,
  QUERY,
  READERS,
  REFUSABLE,
  type Row,
  SIGNED_IN,
  named,
  row,
  rows,
  through,
} from './access-vocabulary.ts';

/** The part of the access table that is about notifications. */
const SEND =
  'sendNotification(input: { userId: $id, channel: IN_APP, subject: "Hello", body: "You." }, idempotencyKey: $key)';
const READ = 'markNotificationRead(input: { id: $notification }, idempotencyKey: $key)';

const USER = through(QUERY, 'user(id: $id) { FIELD }', 'user');
const NOTIFICATION = through(QUERY, 'notification(id: $notification) { FIELD }', 'notification');
const NOTIFICATIONS = through(USER, 'notifications { FIELD }', 'notifications');
const PROFILES = through(QUERY, 'notificationProfiles { FIELD }', 'notificationProfiles');

export const NOTIFICATION_ROWS: readonly Row[] = [
  row('Query.notification', `notification(id: $notification) ${ANY}`, OWNERS),
  row('Query.notifications', `notifications ${ANY}`, SIGNED_IN),
  row('Query.notificationProfiles', `notificationProfiles ${ANY}`, OPERATORS),
  row('Mutation.sendNotification', `${SEND} ${REFUSABLE}`, OPERATORS),
  row('Mutation.markNotificationRead', `${READ} ${REFUSABLE}`, READERS),
  row('Subscription.notificationReceived', 'notificationReceived { id }', SIGNED_IN),
  ...rows('Notification', {
    reach: NOTIFICATION,
    gets: OWNERS,
    fields: {
      ...named(
        'id',
        'channel',
        'template',
        'subject',
        'body',
        'status',
        'attempts',
        'version',
        'createdAt',
        'updatedAt',
      ),
      user: '{ name }',
      lastError: '?',
      sentAt: '?',
      readAt: '?',
    },
  }),
  ...rows('NotificationConnection', { reach: NOTIFICATIONS, gets: OWNERS, fields: CONNECTION }),
  ...rows('NotificationEdge', {
    reach: through(NOTIFICATIONS, 'edges { FIELD }', 'edges', 0),
    gets: OWNERS,
    fields: EDGE,
  }),
  ...rows('NotificationProfile', {
    reach: through(USER, 'notificationProfile { FIELD }', 'notificationProfile'),
    gets: OWNERS,
    fields: { ...named('name', 'email', 'version', 'updatedAt'), mobile: '?', user: '{ name }' },
  }),
  ...rows('NotificationProfileConnection', { reach: PROFILES, gets: OPERATORS, fields: CONNECTION }),
  ...rows('NotificationProfileEdge', {
    reach: through(PROFILES, 'edges { FIELD }', 'edges', 0),
    gets: OPERATORS,
    fields: EDGE,
  }),
  ...rows('SendNotificationPayload', {
    reach: through(MUTATION, `${SEND} { FIELD }`, 'sendNotification'),
    gets: OPERATORS,
    fields: { ...PAYLOAD, notification: '{ status user { name } }' },
  }),
  ...rows('MarkNotificationReadPayload', {
    reach: through(MUTATION, `${READ} { FIELD }`, 'markNotificationRead'),
    gets: SIGNED_IN,
    fields: { replayed: '' },
  }),
  ...rows('MarkNotificationReadPayload', {
    reach: through(MUTATION, `${READ} { FIELD }`, 'markNotificationRead'),
    gets: { ...SIGNED_IN, other: 'null', service: 'null' },
    fields: { notification: '{ status }' },
  }),
  ...rows('MarkNotificationReadPayload', {
    reach: through(MUTATION, `${READ} { FIELD }`, 'markNotificationRead'),
    gets: READERS,
    fields: { userErrors: '{ code }' },
  }),
];
