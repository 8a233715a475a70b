import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Any, GraphqlAnswer, TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { createMongodb, describeOnMongodb } from '../support/mongodb.ts';
import { actUntil, until } from '../support/poll.ts';
import { newRegistration, register } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const SUMMARY = `mutation Register($input: RegisterUserInput!, $key: ID!) {
  registerUser(input: $input, idempotencyKey: $key) {
    token
    user {
      name
      syncState { target state }
      notifications { edges { node { subject status channel template } } }
      orders { edges { node { id } } }
    }
  }
}`;
const OVERVIEW = `{ me {
  orders { edges { node { status total { amount currency } items { quantity product { name available } } syncState { target state } } } }
  notifications { edges { node { subject status } } }
  unreadCount
} }`;
const LIST = `query List($first: Int, $after: String, $filter: NotificationFilter) {
  notifications(first: $first, after: $after, filter: $filter) {
    edges { node { id template subject body status attempts channel user { id } createdAt } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const SEND = `mutation Send($input: SendNotificationInput!, $key: ID!) {
  sendNotification(input: $input, idempotencyKey: $key) {
    notification { id status subject body version user { id } } replayed userErrors { code field }
  }
}`;
const READ = `mutation Read($id: ID!, $key: ID!) {
  markNotificationRead(input: { id: $id }, idempotencyKey: $key) {
    notification { id status readAt version } replayed userErrors { code field }
  }
}`;
const PLACE = `mutation Place($product: ID!, $key: ID!) {
  placeOrder(input: { items: [{ productId: $product, quantity: 2 }] }, idempotencyKey: $key) { order { id status } }
}`;
const CANCEL = `mutation Cancel($id: ID!, $key: ID!) {
  cancelOrder(input: { id: $id }, idempotencyKey: $key) { order { status } userErrors { code } }
}`;

const nodes = (connection: Any): Any[] => connection.edges.map(({ node }: Any) => node);

describeOnPostgres.each([
  { kept: 'PostgreSQL', describeKept: describe },
  { kept: 'MongoDB', describeKept: describeOnMongodb },
])('notifications kept in $kept', ({ kept, describeKept }) => {
  describeKept('are made, sent and read', () => {
    const opened = new AsyncDisposableStack();
    let system: System;
    let admin: TestClient;
    beforeAll(async () => {
      const mongodbUrl = kept === 'MongoDB' ? opened.use(createMongodb()).url : undefined;
      system = opened.use(await openSystem(mongodbUrl === undefined ? {} : { mongodbUrl }));
      admin = await system.admin();
    });
    afterAll(() => opened.disposeAsync());

    const send = (input: Any, key: string = randomUUID()): Promise<GraphqlAnswer<Any>> =>
      admin.send(SEND, { input, key });
    const messageTo = (userId: string): Any => ({ userId, channel: 'IN_APP', subject: 'Hello', body: 'You.' });
    const listOf = async (client: TestClient, variables: Any = {}): Promise<Any[]> =>
      nodes((await client.ask(LIST, variables)).notifications);

    test('one operation crosses all subgraphs and is right at once', async () => {
      const { registerUser } = await system.client.ask(SUMMARY, { input: newRegistration(), key: randomUUID() });
      const { user, token } = registerUser;
      expect(nodes(user.notifications)).toEqual([
        {
          subject: 'Welcome to Lockstep, Ada',
          status: expect.stringMatching('^(PENDING|SENT)$'),
          channel: 'EMAIL',
          template: 'WELCOME',
        },
      ]);
      expect(user.syncState.map(({ target }: Any) => target).toSorted()).toEqual(['notification', 'oracle']);
      expect(user.orders.edges).toEqual([]);

      const client = system.client.as(token);
      await client.ask(PLACE, { product: 'PROD-004', key: randomUUID() });
      const { me } = await until(async () => {
        const answer = await client.ask(OVERVIEW);
        return answer.me.unreadCount === 2 && answer;
      });
      expect(nodes(me.orders)).toMatchObject([
        {
          status: 'CONFIRMED',
          total: { amount: 25_998, currency: 'USD' },
          items: [{ quantity: 2, product: { name: 'Wireless Headset' } }],
          syncState: [{ target: 'oracle' }],
        },
      ]);
      expect(nodes(me.notifications).map(({ subject }) => subject)).toEqual([
        'Your order is confirmed',
        'Welcome to Lockstep, Ada',
      ]);
    });

    test('whoever registers is welcomed by e-mail, once', async () => {
      const { client, id, email } = await register(system.client);
      const [welcome] = await until(async () => {
        const list = await listOf(client);
        return list[0]?.status === 'SENT' && list;
      });
      expect(welcome).toMatchObject({ template: 'WELCOME', attempts: 1, user: { id } });
      const letters = await Promise.all(
        (await readdir(system.mailFolder)).map((file) => readFile(join(system.mailFolder, file), 'utf8')),
      );
      const received = letters.filter((letter) => letter.includes(`To: ${email}`));
      expect(received).toHaveLength(1);
      expect(received[0]).toContain(welcome.id);
      expect(received[0]).toContain('Subject: Welcome to Lockstep, Ada');
    });

    test('an order is told of when it is confirmed, when it fails and when it is cancelled', async () => {
      const { client } = await register(system.client);
      const { placeOrder } = await client.ask(PLACE, { product: 'PROD-004', key: randomUUID() });
      await client.ask(PLACE, { product: 'PROD-999', key: randomUUID() });
      await client.ask(CANCEL, { id: placeOrder.order.id, key: randomUUID() });
      const list = await until(async () => {
        const all = await listOf(client);
        return all.length === 4 && all;
      });
      expect(list.map(({ template }): string => template).toSorted()).toEqual([
        'ORDER_CANCELLED',
        'ORDER_CONFIRMED',
        'ORDER_FAILED',
        'WELCOME',
      ]);
      const confirmed = list.find(({ template }) => template === 'ORDER_CONFIRMED');
      expect(confirmed.body).toContain('2 × PROD-004 at $129.99');
      expect(confirmed.body).toContain(placeOrder.order.id);
    });

    test('a message is sent once, however often it is asked for', async () => {
      const { id, client } = await register(system.client);
      const key = randomUUID();
      const answers = await Promise.all(Array.from({ length: 50 }, () => send(messageTo(id), key)));
      const payloads = answers.map(({ data }) => data.sendNotification);
      expect(payloads.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect(new Set(payloads.map(({ notification }) => notification.id)).size).toBe(1);
      expect(payloads[0]).toMatchObject({
        notification: { status: 'SENT', subject: 'Hello', body: 'You.', user: { id } },
        userErrors: [],
      });
      const list = await listOf(client, { filter: { channel: 'IN_APP' } });
      expect(list.filter(({ template }) => template === 'MESSAGE')).toHaveLength(1);
    });

    test('a key means one message: with other words it is refused, and a refusal stays one', async () => {
      const { id, client } = await register(system.client);
      const key = randomUUID();
      await send(messageTo(id), key);
      const other = await send({ ...messageTo(id), body: 'Somebody else.' }, key);
      expect(other.errors).toMatchObject([{ extensions: { code: 'IDEMPOTENCY_KEY_REUSED' } }]);
      const nobody = { ...messageTo(randomUUID()) };
      const [first, second] = [await send(nobody, 'to nobody'), await send(nobody, 'to nobody')];
      const refused = { notification: null, userErrors: [{ code: 'USER_NOT_FOUND', field: 'userId' }] };
      expect(first.data.sendNotification).toEqual({ ...refused, replayed: false });
      expect(second.data.sendNotification).toEqual({ ...refused, replayed: true });
      expect((await listOf(client)).filter(({ template }) => template === 'MESSAGE')).toHaveLength(1);
      expect((await listOf(admin)).every(({ id: listed }) => listed !== null)).toBe(true);
    });

    test.each([
      ['subject', { subject: '' }],
      ['subject', { subject: 'two\nlines' }],
      ['body', { body: ' ' }],
    ])('a bad %s is refused by name and changes nothing', async (field, wrong) => {
      const { id, client } = await register(system.client);
      const { errors } = await send({ ...messageTo(id), ...wrong });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field } }]);
      expect((await listOf(client)).filter(({ template }) => template === 'MESSAGE')).toEqual([]);
    });

    test('a bad key, cursor or page size is refused by name', async () => {
      const { id } = await register(system.client);
      const { errors } = await send(messageTo(id), '');
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: 'idempotencyKey' } }]);
      for (const [field, variables] of [
        ['after', { after: 'nonsense' }],
        ['after', { after: Buffer.from('after:2026-02-30T12:00:00.000Z|x').toString('base64url') }],
        ['first', { first: 0 }],
        ['first', { first: 101 }],
      ] as const) {
        const answer = await admin.send(LIST, variables);
        expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field } }]);
      }
    });

    test('what is read is read once, and counts as unread no more', async () => {
      const { id, client } = await register(system.client);
      await until(async () => (await listOf(client)).length === 1);
      const { data } = await send(messageTo(id));
      const unread = async (): Promise<number> => (await client.ask('{ me { unreadCount } }')).me.unreadCount;
      expect(await unread()).toBe(2);
      const { id: notification } = data.sendNotification.notification;
      const key = randomUUID();
      const reads = await Promise.all(Array.from({ length: 10 }, () => client.ask(READ, { id: notification, key })));
      const payloads = reads.map(({ markNotificationRead }) => markNotificationRead);
      expect(payloads.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect(new Set(payloads.map((payload) => JSON.stringify(payload.notification))).size).toBe(1);
      expect(payloads[0].notification).toMatchObject({ status: 'READ', version: 2 });
      const again = await client.ask(READ, { id: notification, key: randomUUID() });
      expect(again.markNotificationRead).toMatchObject({ replayed: false, notification: payloads[0].notification });
      expect(await unread()).toBe(1);
      expect(await listOf(client, { filter: { status: 'READ' } })).toMatchObject([{ id: notification }]);
    });

    test("another's notification looks like none, and stays unread", async () => {
      const [mine, other] = await Promise.all([register(system.client), register(system.client)]);
      const { data } = await send(messageTo(mine.id));
      const { id } = data.sendNotification.notification;
      const { markNotificationRead } = await other.client.ask(READ, { id, key: randomUUID() });
      expect(markNotificationRead).toEqual({
        notification: null,
        replayed: false,
        userErrors: [{ code: 'NOTIFICATION_NOT_FOUND', field: 'id' }],
      });
      expect((await listOf(mine.client)).map(({ status }) => status)).not.toContain('READ');
    });

    test('a key that marked one notification marks no other', async () => {
      const { id, client } = await register(system.client);
      const sent = [await send(messageTo(id)), await send(messageTo(id))];
      const [first, second] = sent.map(({ data }) => data.sendNotification.notification.id as string);
      await client.ask(READ, { id: first, key: 'one key' });
      const { errors } = await client.send(READ, { id: second, key: 'one key' });
      expect(errors).toMatchObject([{ extensions: { code: 'IDEMPOTENCY_KEY_REUSED' } }]);
      expect(await listOf(client, { filter: { status: 'READ' } })).toMatchObject([{ id: first }]);
    });

    test('pages visit every notification once, newest first', async () => {
      const { id, client } = await register(system.client);
      for (let count = 0; count < 7; count += 1) await send({ ...messageTo(id), subject: `No. ${count}` });
      const seen: Any[] = [];
      for (let after: string | null = null; seen.length < 20;) {
        const { notifications }: Any = await client.ask(LIST, { first: 3, after, filter: { channel: 'IN_APP' } });
        seen.push(...nodes(notifications));
        if (!notifications.pageInfo.hasNextPage) break;
        after = notifications.pageInfo.endCursor;
      }
      expect(seen.map(({ subject }) => subject)).toEqual([6, 5, 4, 3, 2, 1, 0].map((count) => `No. ${count}`));
    });

    test('arrive live, in order, and from a cursor without a gap', async () => {
      const { id, client } = await register(system.client);
      await until(async () => (await listOf(client)).length === 1);
      const RECEIVED =
        'subscription R($after: String) { notificationReceived(after: $after) { subject user { name } } }';
      await using live = client.subscribe(RECEIVED);
      const first = await actUntil(live.next(), () => send({ ...messageTo(id), subject: 'until it is heard' }));
      const cursor = first?.extensions?.cursor;
      await send({ ...messageTo(id), subject: 'one' });
      await send({ ...messageTo(id), subject: 'two' });
      await using resumed = client.subscribe(RECEIVED, { after: cursor });
      const subjects: string[] = [];
      while (!subjects.includes('two')) subjects.push((await resumed.next())!.data.notificationReceived.subject);
      expect(subjects.filter((subject) => !subject.startsWith('until'))).toEqual(['one', 'two']);
    });

    test("a user's profile follows the user, and its owner and admins see it", async () => {
      const { id, client, email } = await register(system.client);
      const RENAME = `mutation ($id: ID!, $key: ID!) { updateUser(input: { id: $id, firstName: "Augusta" }, idempotencyKey: $key) {
        user { notificationProfile { name email version } } } }`;
      const { updateUser } = await client.ask(RENAME, { id, key: randomUUID() });
      expect(updateUser.user.notificationProfile).toEqual({ name: 'Augusta Lovelace', email, version: 2 });
      const { notificationProfiles } = await admin.ask(
        '{ notificationProfiles(first: 100) { edges { node { user { id name } name } } } }',
      );
      expect(nodes(notificationProfiles)).toContainEqual({
        user: { id, name: 'Augusta Lovelace' },
        name: 'Augusta Lovelace',
      });
    });
  });
});
