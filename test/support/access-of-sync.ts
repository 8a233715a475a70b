import {
  ADMINS,
  ANY,
  BACK_OFFICE,
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

const TRIGGER = 'triggerSync(input: { pipeline: "users-to-oracle" }, idempotencyKey: $key)';
const USER = through(QUERY, 'user(id: $id) { FIELD }', 'user');
const PIPELINE = through(QUERY, 'syncPipeline(id: "users-to-oracle") { FIELD }', 'syncPipeline');
const ORDER = through(QUERY, 'order(id: $order) { FIELD }', 'order');
const PRODUCT = through(QUERY, 'product(id: "PROD-002") { FIELD }', 'product');
const UNSYNCED = through(QUERY, 'unsyncedRecords { FIELD }', 'unsyncedRecords');

export const SYNC_ROWS: readonly Row[] = [
  row('Query.syncPipelines', `syncPipelines ${ANY}`, OPERATORS),
  row('Query.syncPipeline', `syncPipeline(id: "users-to-oracle") ${ANY}`, OPERATORS),
  row('Query.unsyncedRecords', `unsyncedRecords ${ANY}`, OPERATORS),
  row('Mutation.triggerSync', `${TRIGGER} ${REFUSABLE}`, ADMINS),
  row('Subscription.recordSynced', 'recordSynced(entity: USER, id: $id) { recordId }', FOLLOWERS),
  row('Subscription.syncStatusChanged', 'syncStatusChanged { id }', OPERATORS),
  row('Subscription.awaitSync', 'awaitSync(entity: USER, id: $id, version: 1) { recordId }', {
    ...EVERYONE,
    anonymous: 'UNAUTHENTICATED',
    other: 'FORBIDDEN',
  }),
  ...rows('TriggerSyncPayload', {
    reach: through(MUTATION, `${TRIGGER} { FIELD }`, 'triggerSync'),
    gets: ADMINS,
    fields: { ...PAYLOAD, pipeline: ANY },
  }),
  ...rows('RecordSync', {
    reach: through(ORDER, 'syncState { FIELD }', 'syncState', 0),
    gets: OWNERS,
    fields: { order: '{ status }' },
  }),
  ...rows('RecordSync', {
    reach: through(PRODUCT, 'syncState { FIELD }', 'syncState', 0),
    gets: BACK_OFFICE,
    fields: { product: '{ name }' },
  }),
  ...rows('RecordSync', {
    reach: through(USER, 'syncState { FIELD }', 'syncState', 0),
    gets: OWNERS,
    fields: {
      entity: '',
      recordId: '',
      sourceVersion: '',
      target: '',
      targetVersion: '',
      state: '',
      attempts: '',
      nextAttemptAt: '?',
      lastError: '?',
      user: '{ name }',
    },
  }),
  ...rows('RecordSyncConnection', { reach: UNSYNCED, gets: OPERATORS, fields: { edges: ANY, pageInfo: ANY } }),
  ...rows('RecordSyncEdge', {
    reach: through(UNSYNCED, 'edges { FIELD }', 'edges', 0),
    gets: OPERATORS,
    fields: { node: '{ recordId state user { name } }', cursor: '' },
  }),
  ...rows('SyncPipeline', {
    reach: PIPELINE,
    gets: OPERATORS,
    fields: {
      id: '',
      kind: '',
      source: '',
      target: '',
      status: '',
      lag: ANY,
      throughput: '',
      counts: ANY,
      lastError: '?',
      lastSyncedAt: '',
      intervalSeconds: '',
    },
  }),
  ...rows('SyncLag', {
    reach: through(PIPELINE, 'lag { FIELD }', 'lag'),
    gets: OPERATORS,
    fields: { records: '', seconds: '', oldestUnsyncedAt: '?' },
  }),
  ...rows('SyncCounts', {
    reach: through(PIPELINE, 'counts { FIELD }', 'counts'),
    gets: OPERATORS,
    fields: { committed: '', applied: '', superseded: '', inFlight: '', deadLettered: '', discarded: '' },
  }),
];
