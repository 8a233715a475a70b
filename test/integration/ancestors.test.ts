import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Any, TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { until } from '../support/poll.ts';
import { newRegistration, register, type Customer } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

/** The rows of README's table of calls: what it was, and the fields that it is now. */
const README = await readFile(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
const [, table = ''] = /## From REST to GraphQL\n(.*?)\n## /s.exec(README) ?? [];
const rows = [...table.matchAll(/^\| (?!was |-)(.+?) +\| (.+?) +\|$/gm)].map(([, was = '', is = '']) => ({
  was,
  fields: [...is.matchAll(/`(?:[A-Z]\w+\.)?(\w+)/g)].map(([, field = '']) => field),
}));

const REGISTER = `mutation Register($input: RegisterUserInput!, $key: ID!) {
  registerUser(input: $input, idempotencyKey: $key) {
    token user { id version syncState { target state } notifications { edges { node { status } } } }
  }
}`;
const UPDATE = `mutation Update($id: ID!, $key: ID!) {
  updateUser(input: { id: $id, lastName: "King" }, idempotencyKey: $key) { user { lastName version } }
}`;
const PLACE = `mutation Place($key: ID!) {
  placeOrder(input: { items: [{ productId: "PROD-004", quantity: 1 }] }, idempotencyKey: $key) { order { id status } }
}`;
const SEND = `mutation Send($id: ID!, $key: ID!) {
  sendNotification(input: { userId: $id, channel: EMAIL, subject: "Hello", body: "You." }, idempotencyKey: $key) { notification { id } }
}`;
const GREMLIN = `mutation Gremlin($enabled: Boolean!, $key: ID!) {
  setGremlin(input: { enabled: $enabled, latencyMs: 10, everyNth: 3 }, idempotencyKey: $key) { gremlin { enabled } }
}`;

describeOnPostgres('what the five ancestors did', () => {
  let system: System;
  let admin: TestClient;
  let customer: Customer;
  beforeAll(async () => {
    system = await openSystem();
    admin = await system.admin();
    customer = await register(system.client);
  });
  afterAll(() => system[Symbol.asyncDispose]());

  /** Every operation that a row has sent. */
  const sent: string[] = [];
  const ask = (client: TestClient, operation: string, variables: Any = {}): Promise<Any> => {
    sent.push(operation);
    return client.ask(operation, { ...variables, ...(operation.includes('$key') && { key: randomUUID() }) });
  };
  const place = async (): Promise<Any> => (await ask(customer.client, PLACE)).placeOrder.order;

  const calls: Readonly<Record<string, () => Promise<void>>> = {
    'create a user': async () => {
      const { registerUser } = await ask(system.client, REGISTER, { input: newRegistration() });
      expect(registerUser.user.version).toBe(1);
    },
    'get a user': async () => {
      const { user } = await ask(customer.client, 'query ($id: ID!) { user(id: $id) { email } }', customer);
      expect(user).toEqual({ email: customer.email });
    },
    'update a user': async () => {
      const { updateUser } = await ask(customer.client, UPDATE, { id: customer.id });
      expect(updateUser.user.lastName).toBe('King');
    },
    'list users': async () => {
      const { users } = await ask(admin, '{ users(first: 100) { edges { node { id } } } }');
      expect(users.edges).toContainEqual({ node: { id: customer.id } });
    },
    'list users that are not synced': async () => {
      const { unsyncedRecords } = await ask(admin, '{ unsyncedRecords(entity: USER) { edges { node { state } } } }');
      expect(unsyncedRecords.edges).toBeInstanceOf(Array);
    },
    'sync now': async () => {
      const { triggerSync } = await ask(
        admin,
        'mutation ($key: ID!) { triggerSync(input: { pipeline: "users-to-oracle" }, idempotencyKey: $key) { pipeline { status } } }',
      );
      expect(triggerSync.pipeline.status).toBe('RUNNING');
    },
    'is a user synced?': async () => {
      await until(async () => {
        const { user } = await ask(
          customer.client,
          'query ($id: ID!) { user(id: $id) { syncState { target state } } }',
          customer,
        );
        return user.syncState.every(({ state }: Any) => state === 'APPLIED');
      });
    },
    'register, with a summary': async () => {
      const { registerUser } = await ask(system.client, REGISTER, { input: newRegistration() });
      expect(registerUser.user.notifications.edges).toHaveLength(1);
      expect(registerUser.user.syncState.length).toBeGreaterThan(0);
    },
    'send a notification': async () => {
      const { sendNotification } = await ask(admin, SEND, { id: customer.id });
      expect(sendNotification.notification.id).toEqual(expect.any(String));
    },
    'status of a notification': async () => {
      const { sendNotification } = await ask(admin, SEND, { id: customer.id });
      const { id } = sendNotification.notification;
      await until(async () => {
        const { notification } = await ask(customer.client, 'query ($id: ID!) { notification(id: $id) { status } }', {
          id,
        });
        return notification.status === 'SENT';
      });
    },
    'place an order': async () => expect((await place()).status).toBe('CONFIRMED'),
    'orders of a user': async () => {
      const { id } = await place();
      const { user } = await ask(
        customer.client,
        'query ($id: ID!) { user(id: $id) { orders { edges { node { id } } } } }',
        customer,
      );
      expect(user.orders.edges).toContainEqual({ node: { id } });
    },
    'one order': async () => {
      const { id } = await place();
      const { order } = await ask(customer.client, 'query ($id: ID!) { order(id: $id) { id status } }', { id });
      expect(order).toEqual({ id, status: 'CONFIRMED' });
    },
    'order statistics': async () => {
      const { orderStats } = await ask(admin, '{ orderStats { total confirmed failed revenue { amount } } }');
      expect(orderStats.total).toBeGreaterThanOrEqual(orderStats.confirmed + orderStats.failed);
    },
    'list products': async () => {
      const { products } = await ask(system.client, '{ products { edges { node { id available } } } }');
      expect(products.edges).toHaveLength(5);
    },
    'one product': async () => {
      const { product } = await ask(system.client, '{ product(id: "PROD-001") { name } }');
      expect(product).toEqual({ name: 'PS5' });
    },
    'check the availability of several products': async () => {
      const { checkAvailability } = await ask(
        system.client,
        '{ checkAvailability(items: [{ productId: "PROD-001", quantity: 1 }, { productId: "PROD-002", quantity: 1000 }]) { sufficient } }',
      );
      expect(checkAvailability).toEqual([{ sufficient: true }, { sufficient: false }]);
    },
    'audit trail of the stock': async () => {
      await place();
      const { inventoryOperations, product } = await ask(
        admin,
        '{ inventoryOperations { edges { node { type } } } product(id: "PROD-004") { operations { edges { node { type } } } } }',
      );
      expect(inventoryOperations.edges).toContainEqual({ node: { type: 'CONFIRM' } });
      expect(product.operations.edges).toContainEqual({ node: { type: 'RESERVE' } });
    },
    'enable, disable and ask about the gremlin': async () => {
      await ask(admin, GREMLIN, { enabled: true });
      expect((await ask(admin, '{ gremlin { enabled latencyMs } }')).gremlin).toEqual({ enabled: true, latencyMs: 10 });
      await ask(admin, GREMLIN, { enabled: false });
      expect((await ask(admin, '{ gremlin { enabled } }')).gremlin).toEqual({ enabled: false });
    },
    'list the denormalised users': async () => {
      await until(async () => {
        const { notificationProfiles } = await ask(
          admin,
          '{ notificationProfiles(first: 100) { edges { node { email } } } }',
        );
        return notificationProfiles.edges.some(({ node }: Any) => node.email === customer.email);
      });
    },
    'one denormalised user': async () => {
      const { user } = await ask(
        customer.client,
        'query ($id: ID!) { user(id: $id) { notificationProfile { email } } }',
        customer,
      );
      expect(user.notificationProfile).toEqual({ email: customer.email });
    },
  };

  test('is in the table of the README, row by row', () => {
    expect(rows.map(({ was }) => was)).toEqual(Object.keys(calls));
  });

  test.each(rows)('$was: $fields', async ({ was, fields }) => {
    sent.length = 0;
    await calls[was]?.();
    const operations = sent.join('\n');
    expect(fields.length).toBeGreaterThan(0);
    for (const field of fields) expect(operations).toMatch(new RegExp(`\\b${field}\\b`));
  });
});
