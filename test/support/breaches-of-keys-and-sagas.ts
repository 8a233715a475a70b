import { atOf, changedAt, newKey, type Breach } from './planted-breaches.ts';

/** Ways to break the invariants 5 to 7. */
export const KEY_AND_SAGA_BREACHES: readonly Breach[] = [
  {
    what: 'two keys that made one order',
    rows: [5],
    plants: ({ orders: [id] }) => [{ in: 'order', sql: newKey('placeOrder', 'second', { data: { orderId: id } }) }],
    told: '2 keys of placeOrder had their effect on the order',
  },
  {
    what: 'two keys that made one user',
    rows: [5],
    plants: ({ users: [id] }) => [
      { in: 'user', sql: newKey('registerUser', 'second', { data: { userId: id, version: 1 } }) },
    ],
    told: '2 keys made the user',
  },
  {
    what: 'a notification that was made twice',
    rows: [5],
    plants: ({ orders: [id] }) => [
      {
        in: 'notification',
        sql: `INSERT INTO documents SELECT collection, 'x', created_at, revision, labels, body
          FROM documents WHERE body #>> '{notification,body}' LIKE '%Order ${id}%'`,
      },
    ],
    told: 'was made 2 times',
  },
  {
    what: 'more versions of a user than keys could have made',
    rows: [5],
    calls: ({ attempts }) => attempts.filter(({ field }) => field !== 'updateUser'),
    told: 'has version 2, though at most 1 keys had an effect',
  },
  {
    what: 'a key without an answer',
    rows: [6],
    plants: ({ orders: [, id] }) => [
      {
        in: 'order',
        sql: `UPDATE idempotency_keys SET outcome = NULL WHERE field = 'cancelOrder' AND outcome ? 'userErrors' AND '${id}' <> ''`,
      },
    ],
    told: 'without an answer that a retry could be given',
  },
  {
    what: 'another refusal than was answered',
    rows: [6],
    plants: () => [
      {
        in: 'order',
        sql: `UPDATE idempotency_keys SET outcome = '{"userErrors":[{"code":"ORDER_PENDING"}]}' WHERE outcome ? 'userErrors'`,
      },
    ],
    calls: ({ attempts }) => attempts,
    told: 'was answered with ORDER_NOT_CANCELLABLE, and is kept with ORDER_PENDING',
  },
  {
    what: 'a replay that named another order',
    rows: [6],
    calls: (story) => changedAt(story.attempts, atOf(story, 'placeOrder') + 1, { id: story.orders[1] }),
    told: 'was answered in 2 ways',
  },
  {
    what: 'two first answers',
    rows: [6],
    calls: (story) => changedAt(story.attempts, atOf(story, 'placeOrder') + 1, { replayed: false }),
    told: 'had 2 answers that are not replays',
  },
  {
    what: 'an order whose status went back',
    rows: [6],
    calls: (story) => changedAt(story.attempts, atOf(story, 'placeOrder') + 1, { status: 'PENDING' }),
    told: 'was told CONFIRMED, PENDING',
  },
  {
    what: 'one key that was answered for two requests',
    rows: [6],
    calls: ({ attempts: [first, ...others] }) => [{ ...first!, variables: 'other' }, ...others],
    told: 'was answered for 2 different requests',
  },
  {
    what: 'a confirmed order whose stock went back',
    rows: [7],
    plants: ({ orders: [id] }) => [
      { in: 'inventory', sql: `UPDATE reservations SET state = 'EXPIRED' WHERE order_id = '${id}'` },
    ],
    told: 'is CONFIRMED, its PROD-001 EXPIRED RESERVE CONFIRM',
  },
  {
    what: 'a cancelled order whose stock did not come back',
    rows: [7],
    plants: ({ orders: [, , id] }) => [
      { in: 'inventory', sql: `UPDATE reservations SET state = 'CONFIRMED' WHERE order_id = '${id}'` },
    ],
    told: 'is CANCELLED, its PROD-001 CONFIRMED',
  },
  {
    what: 'stock that is held past its time',
    rows: [7],
    plants: ({ orders: [, id] }) => [
      {
        in: 'inventory',
        sql: `INSERT INTO reservations VALUES ('${id}', 'HELD', now() - interval '1 hour', now())
          ON CONFLICT (order_id) DO UPDATE SET state = 'HELD', expires_at = excluded.expires_at`,
      },
    ],
    told: 'is held past its time',
  },
  {
    what: 'another price',
    rows: [7],
    plants: ({ orders: [id] }) => [
      {
        in: 'inventory',
        sql: `UPDATE inventory_operations SET unit_price = 1 WHERE order_id = '${id}' AND operation_type = 'RESERVE'`,
      },
    ],
    told: 'differ between order and stock',
  },
];
