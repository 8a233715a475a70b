import {
  CONNECTION,
  EDGE,
  MUTATION,
  OPERATORS,
  OWNERS,
  PAYLOAD,
  QUERY,
  READERS,
  SIGNED_IN,
  named,
  rows,
  through,
  type Row,
} from './access-vocabulary.ts';

/** The part of the access table that is about notifications. */
export const SEND =
  'sendNotification(input: { userId: $id, channel: IN_APP, subject: "Hello", body: "You." }, idempotencyKey: $key)';
export const READ = 'markNotificationRead(input: { id: $notification }, idempotencyKey: $key)';

const USER = through(QUERY, 'user(id: $id) { FIELD }', 'user');
const NOTIFICATION = through(QUERY, 'notification(id: $notification) { FIELD }', 'notification');
const NOTIFICATIONS = through(USER, 'notifications { FIELD }', 'notifications');
const PROFILES = through(QUERY, 'notificationProfiles { FIELD }', 'notificationProfiles');

export const NOTIFICATION_ROWS: readonly Row[] = [
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
