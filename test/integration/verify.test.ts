import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { MongoClient } from 'mongodb';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { variablesDigest, type Attempt } from '#scripts/verify/calls.ts';
import { openReader } from '#scripts/verify/readers.ts';
import type { Report } from '#scripts/verify/report.ts';
import { verify, violationsIn } from '#scripts/verify/verify.ts';
import { describeOnPostgres } from '../support/database.ts';
import { STOCK_AND_CALL_BREACHES } from '../support/breaches-of-stock-and-calls.ts';
import { KEY_AND_SAGA_BREACHES } from '../support/breaches-of-keys-and-sagas.ts';
import { COPY_BREACHES } from '../support/breaches-of-copies.ts';
import type { Story } from '../support/planted-breaches.ts';
import { PlantedRows } from '../support/planted-rows.ts';
import { createMongodb, describeOnMongodb } from '../support/mongodb.ts';
import { runVerify } from '../support/run-verify.ts';
import { newRegistration, REGISTER } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const PLACE = `mutation ($input: PlaceOrderInput!, $key: ID!) {
  placeOrder(input: $input, idempotencyKey: $key) { order { id status } replayed userErrors { code } }
}`;
const CANCEL = `mutation ($input: CancelOrderInput!, $key: ID!) {
  cancelOrder(input: $input, idempotencyKey: $key) { order { id status } replayed userErrors { code } }
}`;
const UPDATE = `mutation ($input: UpdateUserInput!, $key: ID!) {
  updateUser(input: $input, idempotencyKey: $key) { user { id } replayed userErrors { code } }
}`;
/** Longer than an idle system ever needs. */
const WAIT_MS = 60_000;

interface Payload {
  readonly order?: { readonly id: string; readonly status: string } | null;
  readonly user?: { readonly id: string } | null;
  readonly token?: string;
  readonly replayed: boolean;
  readonly userErrors: readonly { readonly code: string }[];
}

/** Makes every call twice, and writes down what was asked and answered. */
async function play({ client }: System): Promise<Story> {
  const attempts: Attempt[] = [];
  const ask = async (
    field: string,
    asked: { document: string; input: object; about: NonNullable<Attempt['about']>; token?: string },
  ): Promise<Payload> => {
    const [key, { document, input, about, token }] = [randomUUID(), asked];
    const caller = token === undefined ? client : client.as(token);
    const send = async (): Promise<Payload> => {
      const payload = (await caller.ask(document, { input, key }))[field] as Payload;
      const { order, user, replayed, userErrors } = payload;
      const id = order?.id ?? user?.id ?? null;
      const answer = {
        id,
        replayed,
        refusals: userErrors.map(({ code }) => code),
        ...(order && { status: order.status }),
      };
      attempts.push({ field, key, variables: variablesDigest(input), outcome: id ? 'ok' : 'refused', answer, about });
      return payload;
    };
    await send();
    return send();
  };
  const users: string[] = [];
  let token = '';
  for (const firstName of ['Ada', 'Grace', 'Edsger']) {
    const input = { ...newRegistration(), firstName };
    const { user, token: minted = '' } = await ask('registerUser', {
      document: REGISTER,
      input,
      about: { email: input.email },
    });
    users.push(user!.id);
    token = minted;
  }
  const userId = users[2]!;
  const update = { id: userId, firstName: 'Edsger Wybe' };
  await ask('updateUser', { document: UPDATE, input: update, about: { userId, changes: true }, token });
  const place = async (quantity: number): Promise<string> => {
    const items = [{ productId: 'PROD-001', quantity }];
    const { order } = await ask('placeOrder', { document: PLACE, input: { items }, about: { userId, items }, token });
    return order!.id;
  };
  const orders = [await place(2), await place(1_000), await place(1)] as const;
  const cancel = (orderId: string): Promise<Payload> =>
    ask('cancelOrder', { document: CANCEL, input: { id: orderId }, about: { userId, orderId }, token });
  await cancel(orders[2]);
  // Refused, since it failed.
  await cancel(orders[1]);
  return { attempts, users, orders };
}

const BREACHES = [...STOCK_AND_CALL_BREACHES, ...KEY_AND_SAGA_BREACHES, ...COPY_BREACHES];

const violated = ({ rows }: Report): number[] => rows.flatMap((row) => (row.violations > 0 ? [row.number] : []));

describeOnPostgres('npm run verify', () => {
  let system: System;
  let story: Story;
  beforeAll(async () => {
    system = await openSystem();
    story = await play(system);
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const environment = (): Record<string, string> => {
    const { user, order, inventory, notification, sync, bus } = system.databaseUrls;
    return {
      USER_DATABASE_URL: user,
      ORDER_DATABASE_URL: order,
      INVENTORY_DATABASE_URL: inventory,
      NOTIFICATION_DATABASE_URL: notification,
      SYNC_DATABASE_URL: sync,
      BUS_DATABASE_URL: bus,
      ORACLE_SQLITE_FILE: system.oracleFile,
    };
  };

  describe('on a live system', () => {
    test('finds nothing wrong in one that is whole, and has looked at something of every invariant', async () => {
      const report = await verify(system, { waitMs: WAIT_MS, calls: story.attempts });
      expect(violationsIn(report)).toEqual([]);
      expect(report).toMatchObject({ quiet: true, open: {}, violations: 0 });
      expect(report.rows.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      for (const { looked } of report.rows) expect(Math.max(0, ...Object.values(looked))).toBeGreaterThan(0);
      expect(report.rows.flatMap(({ left }) => left)).toEqual(['what the API shows']);
    });

    test(
      'exits with 0, with 1 when something is violated, with 2 when that cannot be told',
      { timeout: 120_000 },
      async () => {
        const calls = `${system.oracleFile}.calls`;
        await writeFile(calls, story.attempts.map((attempt) => `${JSON.stringify(attempt)}\n`).join(''));
        const whole = await runVerify(['--wait', '60', '--calls', calls], environment());
        expect(whole, whole.output).toMatchObject({ code: 0 });
        expect(whole.output).toContain('The system was quiet. No violations');

        const ada = { id: story.users[0]!, url: system.databaseUrls.order };
        await inDatabase(ada.url, `UPDATE customers SET status = 'SUSPENDED' WHERE user_id = '${ada.id}'`);
        const broken = await runVerify(['--wait', '60', '--json'], environment());
        await inDatabase(ada.url, `UPDATE customers SET status = 'ACTIVE' WHERE user_id = '${ada.id}'`);
        expect(broken, broken.output).toMatchObject({ code: 1 });
        expect(violated(JSON.parse(broken.output) as Report)).toEqual([8]);

        const nowhere = { ...environment(), SYNC_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' };
        expect(await runVerify([], nowhere)).toMatchObject({
          code: 2,
          output: expect.stringContaining('could not be checked'),
        });
        await writeFile(calls, '{"field":"placeOrder"}\n');
        expect(await runVerify(['--calls', calls], environment())).toMatchObject({
          code: 2,
          output: expect.stringContaining(`${calls}:1 is no attempt of a call`),
        });
      },
    );
  });

  describe('on a stopped system', () => {
    let rows: PlantedRows;
    beforeAll(async () => {
      await verify(system, { waitMs: WAIT_MS });
      const { gateway, sync, notification, order, inventory, user } = system;
      for (const service of [gateway, sync, notification, order, inventory, user]) await service[Symbol.asyncDispose]();
      rows = await PlantedRows.open(system);
    });
    afterEach(() => rows.restore());

    test('changes no row, and is refused when it would', async () => {
      const before = await rows.checksums();
      const report = await verify(system, { calls: story.attempts });
      expect(violationsIn(report)).toEqual([]);
      expect(report.quiet).toBe(true);
      expect(await rows.checksums()).toEqual(before);
      await using reader = openReader(system.databaseUrls.user);
      await expect(reader.rows('DELETE FROM users')).rejects.toMatchObject({ code: '25006' });
    });

    test.each(BREACHES)('tells of $what', async ({ rows: red, plants, calls, told }) => {
      await rows.plant(plants?.(story) ?? []);
      const report = await verify(system, calls && { calls: calls(story) });
      expect(violated(report), violationsIn(report).join('\n')).toEqual(red);
      expect(
        violationsIn(report).some((sentence) =>
          typeof told === 'string' ? sentence.includes(told) : told.test(sentence),
        ),
        violationsIn(report).join('\n'),
      ).toBe(true);
    });

    test('knows a breach of every invariant that is told of by its row alone', () => {
      const alone = new Set(BREACHES.flatMap(({ rows: red }) => (red.length === 1 ? red : [])));
      expect([...alone].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    test('says what is open in one that is not quiet, and tells only what is wrong at any moment', async () => {
      const [ada, grace] = story.users;
      const open = `UPDATE documents SET labels = labels || '{"work":"TELL"}' WHERE collection = 'profiles' AND id = '${ada}'`;
      await rows.plant([
        { in: 'notification', sql: open },
        // May be on its way.
        { in: 'order', sql: `DELETE FROM customers WHERE user_id = '${ada}'` },
      ]);
      const report = await verify(system);
      expect(violationsIn(report)).toEqual([]);
      expect(report).toMatchObject({ quiet: false, open: { 'notifications to tell or deliver': 1 } });
      await rows.plant([{ in: 'order', sql: `UPDATE customers SET revision = 9 WHERE user_id = '${grace}'` }]);
      expect(violated(await verify(system))).toEqual([8]);
    });

    test('tells of all violations, and of as many by a sentence as is wished', async () => {
      await rows.plant([{ in: 'order', sql: 'DELETE FROM customers' }]);
      const { rows: found } = await verify(system, { mostExamples: 2 });
      const convergence = found.find(({ number }) => number === 8);
      expect(convergence).toMatchObject({ violations: 4 });
      expect(convergence?.examples).toHaveLength(2);
    });
  });
});

describeOnPostgres('npm run verify of a system that keeps notifications in MongoDB', () => {
  describeOnMongodb('reads them there', () => {
    const opened = new AsyncDisposableStack();
    afterAll(() => opened.disposeAsync());

    test('and tells of what is missing, and of a copy of another content', async () => {
      const { url: mongodbUrl } = opened.use(createMongodb());
      const system = opened.use(await openSystem({ mongodbUrl }));
      const { users } = await play(system);
      const sources = { ...system, mongodbUrl };
      const whole = await verify(sources, { waitMs: WAIT_MS });
      expect(violationsIn(whole)).toEqual([]);
      expect(whole.quiet).toBe(true);

      const client = new MongoClient(mongodbUrl);
      opened.defer(() => client.close());
      const [ada, grace] = users;
      await client.db().collection('notifications').deleteMany({ 'labels.owner': ada });
      expect(violated(await verify(sources, { waitMs: WAIT_MS }))).toEqual([3]);
      const profiles = client.db().collection<{ _id: string; body: string }>('profiles');
      const profile = await profiles.findOne({ _id: grace! });
      const body = profile!.body.replace('"Grace"', '"Eve"');
      await profiles.updateOne({ _id: grace! }, { $set: { body } });
      expect(violated(await verify(sources, { waitMs: WAIT_MS }))).toEqual([3, 8]);
    });
  });
});

async function inDatabase(url: string, text: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(text);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
