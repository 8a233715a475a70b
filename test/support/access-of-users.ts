import {
  ADMINS,
  ANY,
  CHANGED,
  CHANGERS,
  EVERYONE,
  FOLLOWERS,
  MUTATION,
  OPERATORS,
  OWNERS,
  PAYLOAD,
  QUERY,
  REFUSABLE,
  type Row,
  row,
  rows,
  through,
} from './access-vocabulary.ts';

const REGISTER = 'registerUser(input: $new, idempotencyKey: $key)';
const LOGIN = 'login(input: $login)';
const UPDATE = 'updateUser(input: { id: $id, lastName: "Byron" }, idempotencyKey: $key)';
const SET_STATUS = 'setUserStatus(input: { id: $id, status: ACTIVE }, idempotencyKey: $key)';
const USER = through(QUERY, 'user(id: $id) { FIELD }', 'user');
const USERS = through(QUERY, 'users(filter: { search: "Ada" }) { FIELD }', 'users');

export const USER_ROWS: readonly Row[] = [
  row('Query.me', `me ${ANY}`, { ...EVERYONE, anonymous: 'null', service: 'null' }),
  row('Query.user', `user(id: $id) ${ANY}`, OWNERS),
  row('Query.users', `users ${ANY}`, OPERATORS),
  row('Mutation.registerUser', `${REGISTER} ${REFUSABLE}`, EVERYONE),
  row('Mutation.login', `${LOGIN} ${ANY}`, EVERYONE),
  row('Mutation.updateUser', `${UPDATE} ${REFUSABLE}`, CHANGERS),
  row('Mutation.setUserStatus', `${SET_STATUS} ${REFUSABLE}`, ADMINS),
  row('Subscription.userChanged', 'userChanged(id: $id) { id }', FOLLOWERS),
  ...rows('User', {
    reach: USER,
    gets: OWNERS,
    fields: {
      id: '',
      firstName: '',
      lastName: '',
      name: '',
      email: '',
      mobile: '',
      status: '',
      role: '',
      version: '',
      createdAt: '',
      updatedAt: '',
      syncState: ANY,
      orders: ANY,
      notifications: ANY,
      unreadCount: '',
      notificationProfile: ANY,
    },
  }),
  ...rows('UserConnection', { reach: USERS, gets: OPERATORS, fields: { edges: ANY, pageInfo: ANY } }),
  ...rows('UserEdge', {
    reach: through(USERS, 'edges { FIELD }', 'edges', 0),
    gets: OPERATORS,
    fields: { node: ANY, cursor: '' },
  }),
  ...rows('PageInfo', {
    reach: through(USERS, 'pageInfo { FIELD }', 'pageInfo'),
    gets: OPERATORS,
    fields: { hasNextPage: '', hasPreviousPage: '', startCursor: '', endCursor: '' },
  }),
  ...rows('RegisterUserPayload', {
    reach: through(MUTATION, `${REGISTER} { FIELD }`, 'registerUser'),
    gets: EVERYONE,
    fields: { ...PAYLOAD, user: '{ name syncState { state } }', token: '' },
  }),
  ...rows('UserError', {
    reach: through(
      MUTATION,
      'registerUser(input: $taken, idempotencyKey: $key) { userErrors { FIELD } }',
      'registerUser',
      'userErrors',
      0,
    ),
    gets: EVERYONE,
    fields: { code: '', message: '', field: '' },
  }),
  ...rows('LoginPayload', {
    reach: through(MUTATION, `${LOGIN} { FIELD }`, 'login'),
    gets: EVERYONE,
    fields: { token: '', expiresAt: '', user: '{ name syncState { state } }' },
  }),
  ...rows('UpdateUserPayload', {
    reach: through(MUTATION, `${UPDATE} { FIELD }`, 'updateUser'),
    gets: CHANGED,
    fields: { replayed: '' },
  }),
  ...rows('UpdateUserPayload', {
    reach: through(MUTATION, `${UPDATE} { FIELD }`, 'updateUser'),
    gets: { ...CHANGED, other: 'null', service: 'null' },
    fields: { user: '{ name syncState { state } }' },
  }),
  ...rows('UpdateUserPayload', {
    reach: through(MUTATION, `${UPDATE} { FIELD }`, 'updateUser'),
    gets: CHANGERS,
    fields: { userErrors: '{ code }' },
  }),
  ...rows('SetUserStatusPayload', {
    reach: through(MUTATION, `${SET_STATUS} { FIELD }`, 'setUserStatus'),
    gets: ADMINS,
    fields: { ...PAYLOAD, user: '{ name syncState { state } }' },
  }),
];
