import { EMPTY_UUID, type Breach } from './planted-breaches.ts';

/** Ways to break the invariants 8 to 10. */
export const COPY_BREACHES: readonly Breach[] = [
  {
    what: 'a copy of another content',
    rows: [8],
    plants: () => [{ in: 'oracle', sql: `UPDATE users SET first_name = 'Eve' WHERE first_name = 'Ada'` }],
    told: /oracle holds .* at 1 as [0-9a-f]{16}, its source as/,
  },
  {
    what: 'a copy of an order with another line',
    rows: [8],
    plants: () => [{ in: 'oracle', sql: `UPDATE orders SET lines = replace(lines, '"quantity":2', '"quantity":3')` }],
    told: /oracle holds .* at 2 as/,
  },
  {
    what: 'a profile of another content',
    rows: [8],
    plants: ({ users: [id] }) => [
      {
        in: 'notification',
        sql: `UPDATE documents SET body = jsonb_set(body, '{profile,email}', '"eve@example.com"') WHERE collection = 'profiles' AND id = '${id}'`,
      },
    ],
    told: 'notification holds',
  },
  {
    what: 'a customer of another status',
    rows: [8],
    plants: ({ users: [id] }) => [
      { in: 'order', sql: `UPDATE customers SET status = 'SUSPENDED' WHERE user_id = '${id}'` },
    ],
    told: "the order service's customers holds",
  },
  {
    what: 'a customer that is missing',
    rows: [8],
    plants: ({ users: [id] }) => [{ in: 'order', sql: `DELETE FROM customers WHERE user_id = '${id}'` }],
    told: "the order service's customers lacks",
  },
  {
    what: 'a copy that is missing, though it is said to be held',
    rows: [8, 10],
    plants: ({ users: [id] }) => [{ in: 'oracle', sql: `DELETE FROM users WHERE id = '${id}'` }],
    told: 'oracle lacks',
  },
  {
    what: 'a copy of nothing',
    rows: [8],
    plants: () => [{ in: 'oracle', sql: `INSERT INTO users (id, revision) VALUES ('${EMPTY_UUID}', 1), ('no id', 1)` }],
    told: 'oracle holds no id, which its source does not',
  },
  {
    what: 'a copy that is ahead of its source',
    rows: [8, 10],
    plants: ({ users: [id] }) => [{ in: 'oracle', sql: `UPDATE users SET revision = 9 WHERE id = '${id}'` }],
    told: 'at 9, its source only at 1',
  },
  {
    what: 'a record whose log goes back',
    rows: [8],
    plants: ({ orders: [id] }) => [
      { in: 'order', sql: `UPDATE outbox SET revision = 3 - revision WHERE subject = '${id}'` },
    ],
    told: 'its log tells version 1',
  },
  {
    what: 'a change that was never told',
    rows: [8],
    plants: ({ orders: [id] }) => [
      {
        in: 'order',
        sql: `UPDATE outbox SET subject = '${EMPTY_UUID}', revision = 1 WHERE subject = '${id}' AND revision = 2`,
      },
    ],
    told: 'up to version 1, and it is at 2',
  },
  {
    what: 'a target that went back by what sync told',
    rows: [8],
    plants: ({ orders: [id] }) => [
      {
        in: 'sync',
        sql: `UPDATE outbox SET data = jsonb_set(data, '{targetVersion}', '9') WHERE subject = '${id}' AND data ->> 'targetVersion' = '1'`,
      },
    ],
    told: /sync told of 2 of .* at oracle after 9/,
  },
  {
    what: 'an event that missed a ledger',
    rows: [9],
    plants: ({ users: [id] }) => [{ in: 'order', sql: `DELETE FROM event_ledger WHERE event ->> 'subject' = '${id}'` }],
    told: 'the ledger of order-customers lacks',
  },
  {
    what: 'an event in a ledger that nobody told',
    rows: [9],
    plants: () => [{ in: 'order', sql: `UPDATE event_ledger SET event_id = '${EMPTY_UUID}' WHERE position = 1` }],
    told: 'which user has not told',
  },
  {
    what: 'an event at another position than it was told at',
    rows: [9],
    plants: () => [
      { in: 'notification', sql: `UPDATE event_ledger SET position = 99 WHERE position = 1 AND source = 'user'` },
    ],
    told: 'told at 1',
  },
  {
    what: 'an event that missed the bus',
    rows: [9],
    plants: () => [{ in: 'bus', sql: `DELETE FROM bus_events WHERE source = 'user' AND position = 1` }],
    told: 'the bus has nothing at 1 of user',
  },
  {
    what: 'two writers of one source on the bus',
    rows: [9],
    plants: () => [
      {
        in: 'bus',
        sql: `UPDATE bus_events SET event = jsonb_set(event, '{id}', '"x"') WHERE source = 'user' AND position = 1`,
      },
    ],
    told: 'the bus has x at 1 of user',
  },
  {
    what: 'a gap in the positions of a log',
    rows: [9],
    plants: () => [{ in: 'sync', sql: `DELETE FROM outbox WHERE position = 1` }],
    told: 'the log of sync has',
  },
  {
    what: 'counts that do not add up',
    rows: [9],
    plants: () => [
      { in: 'sync', sql: `UPDATE pipeline_progress SET applied = applied + 1 WHERE pipeline = 'users-to-oracle'` },
    ],
    told: 'users-to-oracle accounts for 6 events, though user told 5',
  },
  {
    what: 'fewer events shown than were taken',
    rows: [9],
    plants: () => [
      {
        in: 'sync',
        sql: `UPDATE pipeline_progress SET applied = applied - 1 WHERE pipeline = 'users-to-notification'`,
      },
    ],
    told: 'users-to-notification accounts for 4 events of 5 received',
  },
  {
    what: 'a state that no ledger knows',
    rows: [9],
    plants: () => [{ in: 'order', sql: `UPDATE event_ledger SET state = 'LOST' WHERE position = 1` }],
    told: 'in the unknown state LOST',
  },
  {
    what: 'a final state that is not settled',
    rows: [9],
    plants: () => [{ in: 'order', sql: 'UPDATE event_ledger SET settled_at = NULL WHERE position = 1' }],
    told: 'are APPLIED and not settled',
  },
  {
    what: 'a record that is said to wait and does not',
    rows: [10],
    plants: ({ users: [id] }) => [
      { in: 'sync', sql: `UPDATE record_syncs SET state = 'PENDING' WHERE record_id = '${id}'` },
    ],
    told: 'that it is PENDING',
  },
  {
    what: 'a record that is said to be applied and is behind',
    rows: [10],
    plants: ({ orders: [id] }) => [
      { in: 'sync', sql: `UPDATE record_syncs SET target_revision = 1 WHERE record_id = '${id}'` },
    ],
    told: 'revision 1 of 2 is said to be held, and that it is APPLIED',
  },
  {
    what: 'a record of which nothing is said',
    rows: [10],
    plants: ({ users: [id] }) => [
      { in: 'sync', sql: `DELETE FROM record_syncs WHERE record_id = '${id}' AND target = 'oracle'` },
    ],
    told: 'nothing is said',
  },
  {
    what: 'a dead letter that is not shown',
    rows: [9, 10],
    plants: () => [
      {
        in: 'sync',
        sql: `UPDATE event_ledger SET state = 'DEAD_LETTERED' WHERE durable = 'users-to-oracle' AND position = 1`,
      },
    ],
    told: 'users-to-oracle shows 0 dead letters, its ledger has 1',
  },
  {
    what: 'a subscriber who was told something else than a query is answered',
    rows: [10],
    plants: ({ orders: [id] }) => [
      {
        in: 'sync',
        sql: `UPDATE outbox SET data = jsonb_set(data, '{targetVersion}', '7') WHERE subject = '${id}' AND data ->> 'targetVersion' = '2'`,
      },
    ],
    told: 'version 7 was pushed last, and version 2 is said to be held',
  },
];
