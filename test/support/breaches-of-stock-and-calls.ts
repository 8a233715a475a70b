import { atOf, EMPTY_UUID, inBoth, newKey, type Breach } from './planted-breaches.ts';

/** Ways to break the invariants 1 to 4. */
export const STOCK_AND_CALL_BREACHES: readonly Breach[] = [
  {
    what: 'more that left than there was, though the counters agree',
    rows: [1],
    plants: () => [
      {
        in: 'inventory',
        sql: `UPDATE inventory_operations SET quantity = 1 WHERE product_id = 'PROD-001' AND operation_type = 'ADJUST'`,
      },
      ...inBoth(`UPDATE products SET available = -1 WHERE id = 'PROD-001'`),
    ],
    told: '2 of PROD-001 were taken, of 1 there were',
  },
  {
    what: 'orders of more than there was, though inventory knows of less',
    rows: [1, 7],
    plants: ({ orders: [id] }) =>
      (['order', 'oracle'] as const).map((place) => ({
        in: place,
        sql: `UPDATE orders SET lines = '[{"productId":"PROD-001","quantity":200,"unitPrice":49999}]' WHERE id = '${id}'`,
      })),
    told: '200 of PROD-001 were taken, of 100 there were',
  },
  {
    what: 'a piece too many',
    rows: [2],
    plants: () => inBoth(`UPDATE products SET available = available + 1 WHERE id = 'PROD-001'`),
    told: 'by the audit trail 100 came',
  },
  {
    what: 'a hold of nobody',
    rows: [2],
    plants: () => inBoth(`UPDATE products SET available = available - 1, held = 1 WHERE id = 'PROD-002'`),
    told: '1 held',
  },
  {
    what: 'a return that happened twice',
    rows: [2, 5, 7],
    plants: ({ orders: [, , id] }) => [
      {
        in: 'inventory',
        sql: `INSERT INTO inventory_operations SELECT '${EMPTY_UUID}', order_id, product_id, operation_type, quantity, unit_price, reason, actor, occurred_at
          FROM inventory_operations WHERE order_id = '${id}' AND operation_type = 'RETURN'`,
      },
    ],
    told: 'happened 2 times',
  },
  {
    what: 'a key whose record is gone',
    rows: [3],
    plants: () => [{ in: 'user', sql: newKey('setUserStatus', 'a', { data: { userId: EMPTY_UUID, version: 1 } }) }],
    told: `setUserStatus a was acknowledged with ${EMPTY_UUID}, which is not in users`,
  },
  {
    what: 'an order that was acknowledged and is not there',
    rows: [3],
    calls: ({ attempts }) => [
      ...attempts,
      {
        field: 'placeOrder',
        key: 'gone',
        variables: 'v',
        outcome: 'ok',
        answer: { id: EMPTY_UUID, replayed: false, refusals: [] },
      },
    ],
    told: `there is no order ${EMPTY_UUID}`,
  },
  {
    what: 'a user who was acknowledged as another',
    rows: [3],
    plants: ({ users: [id] }) =>
      [
        { in: 'user', sql: `UPDATE users SET email = 'eve@example.com' WHERE id = '${id}'` },
        { in: 'oracle', sql: `UPDATE users SET email = 'eve@example.com' WHERE id = '${id}'` },
        {
          in: 'notification',
          sql: `UPDATE documents SET body = jsonb_set(body, '{profile,email}', '"eve@example.com"') WHERE collection = 'profiles' AND id = '${id}'`,
        },
      ] as const,
    calls: ({ attempts }) => attempts,
    told: /ada-.* was acknowledged as .*, and is not there/,
  },
  {
    what: 'an order with other lines than were ordered',
    rows: [3],
    calls: ({ attempts }) =>
      attempts.map((attempt) =>
        attempt.field === 'placeOrder'
          ? { ...attempt, about: { items: [{ productId: 'PROD-001', quantity: 7 }] } }
          : attempt,
      ),
    told: 'has other lines than were ordered',
  },
  {
    what: 'an update that was acknowledged and forgotten',
    rows: [3],
    calls: (story) => {
      const update = story.attempts[atOf(story, 'updateUser')]!;
      return [...story.attempts, { ...update, key: 'forgotten' }];
    },
    told: 'has version 2, though 3 keys had an effect',
  },
  {
    what: 'a notification that nobody was sent',
    rows: [3],
    plants: ({ users: [id] }) => [
      {
        in: 'notification',
        sql: `DELETE FROM documents WHERE collection = 'notifications' AND labels ->> 'owner' = '${id}'`,
      },
    ],
    told: 'nobody was sent WELCOME',
  },
  {
    what: 'an order that no key made',
    rows: [4],
    plants: ({ orders: [id] }) => [
      {
        in: 'order',
        sql: `DELETE FROM idempotency_keys WHERE field = 'placeOrder' AND outcome #>> '{data,orderId}' = '${id}'`,
      },
    ],
    told: 'no key made the order',
  },
  {
    what: 'an order that nobody cancelled',
    rows: [4],
    plants: () => [{ in: 'order', sql: `DELETE FROM idempotency_keys WHERE field = 'cancelOrder'` }],
    told: 'nobody cancelled',
  },
  {
    what: 'a user whom no key made',
    rows: [4],
    plants: ({ users: [id] }) => [
      { in: 'user', sql: `DELETE FROM idempotency_keys WHERE outcome #>> '{data,userId}' = '${id}'` },
    ],
    told: 'no key made the user',
  },
  {
    what: 'a key that nobody used',
    rows: [4],
    plants: () => [{ in: 'user', sql: newKey('updateUser', 'strange', { userErrors: [{ code: 'EMAIL_TAKEN' }] }) }],
    calls: ({ attempts }) => attempts,
    told: 'nobody called updateUser with the key strange',
  },
  {
    what: 'a refused call that had an effect',
    rows: [4, 5],
    calls: (story) =>
      story.attempts.map((attempt) =>
        attempt.field === 'updateUser'
          ? { ...attempt, outcome: 'refused', answer: { id: null, replayed: true, refusals: ['EMAIL_TAKEN'] } }
          : attempt,
      ),
    told: 'was refused and had an effect',
  },
  {
    what: 'a rejected call whose key is kept',
    rows: [4],
    calls: ({ attempts }) =>
      attempts.map((attempt) => {
        const { answer: _, ...rest } = attempt;
        return attempt.field === 'cancelOrder' ? { ...rest, outcome: 'rejected' as const } : attempt;
      }),
    told: 'was rejected, and its key is kept',
  },
  {
    what: 'a reservation of no order',
    rows: [4],
    plants: () => [
      { in: 'inventory', sql: `INSERT INTO reservations VALUES ('${EMPTY_UUID}', 'RELEASED', now(), now())` },
    ],
    told: 'there is no order of the reservation',
  },
  {
    what: 'a notification that nothing has caused',
    rows: [4],
    plants: ({ orders: [id] }) => [
      {
        in: 'notification',
        sql: `INSERT INTO documents SELECT collection, 'x', created_at, revision, labels, jsonb_set(body, '{notification,template}', '"ORDER_CANCELLED"')
          FROM documents WHERE body #>> '{notification,body}' LIKE '%Order ${id}%'`,
      },
    ],
    told: 'nothing has caused ORDER_CANCELLED',
  },
];
