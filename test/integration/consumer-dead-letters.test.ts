import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Any, TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { until } from '../support/poll.ts';
import { register, type Customer } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const RENAME = `mutation ($id: ID!, $key: ID!) {
  updateUser(input: { id: $id, firstName: "Grace" }, idempotencyKey: $key) { user { version } }
}`;

/** After so many an event is given up. */
const ATTEMPTS = 8;

/** Each service cannot keep what it is told of new users: a trigger of its store refuses that, as a constraint might. */
const SERVICES = [
  { service: 'order', name: 'Order', durable: 'order-customers', table: 'customers', when: 'true' },
  {
    service: 'notification',
    name: 'Notification',
    durable: 'notification',
    table: 'documents',
    when: `NEW.collection = 'profiles'`,
  },
] as const;

describeOnPostgres('through the gateway an admin', () => {
  let system: System;
  let admin: TestClient;
  beforeAll(async () => {
    system = await openSystem();
    admin = await system.admin();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  describe.each(SERVICES)('of the $service service', ({ service, name, durable, table, when }) => {
    const LETTERS = `query ($first: Int, $after: String) { ${service}DeadLetters(first: $first, after: $after) {
      edges { cursor node {
        eventId type source recordId version error attempts redeliveries payload occurredAt deadLetteredAt
      } }
      pageInfo { hasNextPage endCursor }
    } }`;
    const REDELIVER = `mutation ($input: RedeliverDeadLettersInput!, $key: ID!) {
      redeliver${name}DeadLetters(input: $input, idempotencyKey: $key) { redelivered replayed userErrors { code field } }
    }`;
    const DISCARD = `mutation ($input: DiscardDeadLetterInput!, $key: ID!) {
      discard${name}DeadLetter(input: $input, idempotencyKey: $key) { replayed userErrors { code field } }
    }`;
    const inStore = async (text: string): Promise<readonly Any[]> => {
      const sql = postgres(system.databaseUrls[service], { max: 1, onnotice: () => {} });
      try {
        return await sql.unsafe(text);
      } finally {
        await sql.end();
      }
    };
    const refuse = (): Promise<unknown> =>
      inStore(`CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$;
        CREATE TRIGGER refused BEFORE INSERT ON ${table} FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION refused()`);
    const accept = (): Promise<unknown> => inStore('DROP FUNCTION IF EXISTS refused() CASCADE');
    const letters = async (page = {}): Promise<Any> => (await admin.ask(LETTERS, page))[`${service}DeadLetters`];
    const redeliver = async (input: object, key: string = randomUUID()): Promise<Any> =>
      (await admin.ask(REDELIVER, { input, key }))[`redeliver${name}DeadLetters`];
    const discard = async (input: object, key: string = randomUUID()): Promise<Any> =>
      (await admin.ask(DISCARD, { input, key }))[`discard${name}DeadLetter`];
    const states = async ({ id }: Customer): Promise<string[]> => {
      const rows = await inStore(
        `SELECT state FROM event_ledger WHERE durable = '${durable}' AND event ->> 'subject' = '${id}' ORDER BY position`,
      );
      return rows.map(({ state }) => state as string);
    };
    const stand = (customer: Customer, ...expected: string[]): Promise<unknown> =>
      until(async () => String(await states(customer)) === String(expected), { what: `the states ${expected.join()}` });
    /** A customer whose registration the service has given up, and what is shown of that. */
    async function refused(): Promise<{ customer: Customer; letter: Any }> {
      await refuse();
      const customer = await register(system.client);
      const letter = await until(async () => {
        // Its tries take two minutes; the last one is the service's own.
        await inStore(
          `UPDATE event_ledger SET due_at = now(), attempts = ${ATTEMPTS - 1}, failures = ${ATTEMPTS - 1} WHERE state = 'RETRYING'`,
        );
        const { edges } = await letters();
        return edges.map(({ node }: Any) => node).find(({ recordId }: Any) => recordId === customer.id);
      });
      await accept();
      return { customer, letter };
    }
    // What a test has left behind would be another's.
    afterEach(async () => {
      await accept();
      await redeliver({ all: true });
      await until(async () => (await letters()).edges.length === 0);
    });

    test('sees an event that was given up, and has it handled again, once for a key', async () => {
      const { customer, letter } = await refused();
      const told = { type: 'user.created', source: 'user', version: 1, error: 'not this one', attempts: ATTEMPTS };
      expect(letter).toMatchObject({ ...told, redeliveries: 0 });
      expect(JSON.parse(letter.payload)).toMatchObject({ id: customer.id, email: customer.email });
      expect(Date.parse(letter.deadLetteredAt)).toBeGreaterThanOrEqual(Date.parse(letter.occurredAt));
      const key = randomUUID();
      const input = { eventId: letter.eventId.toUpperCase() };
      expect(await redeliver(input, key)).toEqual({ redelivered: 1, replayed: false, userErrors: [] });
      await stand(customer, 'APPLIED');
      expect(await redeliver(input, key)).toEqual({ redelivered: 1, replayed: true, userErrors: [] });
      expect((await letters()).edges).toEqual([]);
      expect(await redeliver(input)).toMatchObject({
        redelivered: null,
        userErrors: [{ code: 'DEAD_LETTER_NOT_FOUND', field: 'eventId' }],
      });
    });

    test('gives one up with a reason, and what waits behind it goes on', async () => {
      const { customer, letter } = await refused();
      await customer.client.ask(RENAME, { id: customer.id, key: randomUUID() });
      await stand(customer, 'DEAD_LETTERED', 'PENDING');
      const [key, input] = [randomUUID(), { eventId: letter.eventId, reason: 'a test' }];
      expect(await discard(input, key)).toEqual({ replayed: false, userErrors: [] });
      expect(await discard(input, key)).toEqual({ replayed: true, userErrors: [] });
      await stand(customer, 'DISCARDED', 'APPLIED');
      const [row] = await inStore(`SELECT interventions FROM event_ledger WHERE event_id = '${letter.eventId}'`);
      expect(row!['interventions']).toEqual([expect.objectContaining({ action: 'DISCARDED', reason: 'a test' })]);
      expect(await discard(input)).toMatchObject({ userErrors: [{ code: 'DEAD_LETTER_NOT_FOUND' }] });
    });

    test('pages through several, and has all handled again', async () => {
      const all = [await refused(), await refused()];
      const first = await letters({ first: 1 });
      expect(first.pageInfo.hasNextPage).toBe(true);
      const second = await letters({ first: 1, after: first.pageInfo.endCursor });
      const seen = [first, second].flatMap(({ edges }) => edges.map(({ node }: Any) => node.recordId as string));
      expect(seen).toEqual(all.map(({ customer }) => customer.id));
      expect(await redeliver({ all: true })).toMatchObject({ redelivered: 2 });
      await Promise.all(all.map(({ customer }) => stand(customer, 'APPLIED')));
    });

    test('must name one, or all, and not both', async () => {
      for (const input of [{}, { all: true, eventId: randomUUID() }]) {
        const { errors } = await admin.send(REDELIVER, { input, key: randomUUID() });
        expect(errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
      }
    });
  });
});
