import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mintAccessToken } from '#shared/identity/tokens.ts';
import type { Any, TestClient } from '../support/client.ts';
import { register, type Customer } from '../support/customers.ts';
import { describeOnPostgres } from '../support/database.ts';
import { until } from '../support/poll.ts';
import { RawAnswer } from '../support/raw-http.ts';
import { openSystem, type System } from '../support/system.ts';

const RENAME = `mutation ($id: ID!, $name: String!, $key: ID!) {
  updateUser(input: { id: $id, firstName: $name }, idempotencyKey: $key) { user { version firstName } }
}`;
const CHANGES = `subscription ($id: ID, $after: String) {
  userChanged(id: $id, after: $after) { version firstName syncState { target } }
}`;
const EVENTS = { accept: 'text/event-stream' };
const MULTIPART = { accept: 'multipart/mixed;subscriptionSpec=1.0' };
const TOKEN_LIFE_MS = 15 * 60_000;

describeOnPostgres('subscriptions through the gateway over HTTP', () => {
  let system: System;
  let customer: Customer;
  beforeAll(async () => {
    system = await openSystem({ gateway: { MOST_SUBSCRIPTIONS_PER_CLIENT: 3 } });
    customer = await register(system.client);
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const rename = async (client: TestClient = customer.client): Promise<{ version: number; firstName: string }> => {
    const { updateUser } = await client.ask(RENAME, { id: customer.id, name: `A ${randomUUID()}`, key: randomUUID() });
    return updateUser.user as { version: number; firstName: string };
  };
  const bearer = (): { authorization: string } => ({ authorization: `Bearer ${customer.token}` });
  const post = (accept: Record<string, string>, variables = {}): RawAnswer =>
    new RawAnswer(system.gateway.url, {
      headers: { ...accept, ...bearer() },
      body: { query: CHANGES, variables: { id: customer.id, ...variables } },
    });
  const get = (headers: Record<string, string>, parameters: Record<string, string> = {}): RawAnswer => {
    const search = new URLSearchParams({
      query: CHANGES,
      variables: JSON.stringify({ id: customer.id }),
      ...parameters,
    });
    return new RawAnswer(system.gateway.url, {
      method: 'GET',
      target: `/graphql?${search.toString()}`,
      headers: { ...EVENTS, ...headers },
    });
  };

  /** The results that a stream has told so far, when there are at least so many. */
  const results = (answer: RawAnswer, least: number): Promise<Any[]> =>
    until(
      () => {
        const told = [...answer.received.matchAll(/^(?:data: |\{"payload":(?=\{))(\{.*\})\r?$/gm)].map(([line, data]) =>
          JSON.parse(line.startsWith('data') ? data! : line.trim()),
        );
        return told.length >= least && told.map((result) => result.payload ?? result);
      },
      { what: `${least} results` },
    );
  const lastId = (answer: RawAnswer): string | undefined => [...answer.received.matchAll(/^id: (.*)$/gm)].at(-1)?.[1];
  const followers = async (): Promise<number> => {
    const text = await (await fetch(`${system.user.url}/metrics`)).text();
    return Number(/^lockstep_feed_followers\{[^}]*\} (\d+)$/m.exec(text)?.[1]);
  };
  const noFollowers = (): Promise<unknown> => until(async () => (await followers()) === 0);

  test('bring each change with the fields of the other subgraph, by both protocols, from one upstream', async () => {
    await using events = post(EVENTS);
    await using parts = post(MULTIPART);
    await Promise.all([events.head(), parts.head()]);
    await until(async () => (await followers()) === 1);
    const changed = await rename();
    for (const answer of [events, parts]) {
      expect((await results(answer, 1))[0]).toEqual({
        data: { userChanged: { ...changed, syncState: [{ target: 'oracle' }, { target: 'notification' }] } },
        extensions: { cursor: expect.any(String) },
      });
    }
    expect(await followers()).toBe(1);
  });

  test('end at the subgraph when the last client has left', async () => {
    await noFollowers();
    for (const open of [() => post(EVENTS), () => post(MULTIPART), () => get(bearer())]) {
      const answer = open();
      await until(async () => (await followers()) === 1);
      await answer[Symbol.asyncDispose]();
      await noFollowers();
    }
  });

  test('resume behind the last id, with what was missed and what comes, even when there was no event yet', async () => {
    let id: string | undefined;
    {
      await using answer = get(bearer());
      id = await until(() => lastId(answer), { what: 'the id of a checkpoint' });
      expect(answer.received).not.toContain('event:');
    }
    const missed = [await rename(), await rename()];
    await using resumed = get({ ...bearer(), 'last-event-id': id });
    const told = await results(resumed, 2);
    expect(told.map(({ data }) => data.userChanged.firstName)).toEqual(missed.map(({ firstName }) => firstName));
    const live = await rename();
    expect((await results(resumed, 3))[2].data.userChanged.firstName).toBe(live.firstName);
    expect(lastId(resumed)).toBe((await results(resumed, 3))[2].extensions.cursor);
    // The id goes before the cursor that the operation itself names.
    const cursor = told[0].extensions.cursor as string;
    const variables = JSON.stringify({ id: customer.id, after: id });
    await using further = get({ ...bearer(), 'last-event-id': cursor }, { variables });
    expect((await results(further, 1))[0].data.userChanged.firstName).toBe(missed[1]?.firstName);
  });

  test('begin by a ticket in the name of its holder', async () => {
    const given = await fetch(`${system.gateway.url}/graphql/ticket`, { method: 'POST', headers: bearer() });
    const { ticket } = (await given.json()) as { ticket: string };
    await using answer = get({}, { ticket });
    await until(() => lastId(answer));
    const changed = await rename();
    expect((await results(answer, 1))[0].data.userChanged.firstName).toBe(changed.firstName);
    const again = await fetch(
      `${system.gateway.url}/graphql?${new URLSearchParams({ query: CHANGES, ticket }).toString()}`,
      {
        headers: EVENTS,
      },
    );
    expect(again.status).toBe(401);
  });

  test('end with their token, and say from where to go on', async () => {
    // Taken for the clocks' tolerance of 5 s after its end.
    const at = new Date(Date.now() - 1_500 - TOKEN_LIFE_MS);
    const { token } = await mintAccessToken(system.keys.jwt, { id: customer.id, role: 'CUSTOMER' }, at);
    await using answer = get({ authorization: `Bearer ${token}` });
    const [{ errors }] = await results(answer, 1);
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', cursor: lastId(answer) } }]);
    expect(lastId(answer)).toBeDefined();
    await until(() => answer.received.includes('event: complete'));
  });

  test.each([
    {
      what: 'a bad variable',
      query: CHANGES,
      variables: { id: {} },
      extensions: { code: 'BAD_USER_INPUT', field: 'id' },
    },
    {
      what: 'two root fields',
      query: 'subscription { userChanged { id } recordSynced { recordId } }',
      variables: {},
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    },
  ])(
    'are told of $what by a status, or by an event to who takes nothing else',
    async ({ query, variables, extensions }) => {
      const ask = (accept: string): Promise<Response> =>
        fetch(`${system.gateway.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept, ...bearer() },
          body: JSON.stringify({ query, variables }),
        });
      const told = await ask('text/event-stream, application/graphql-response+json');
      expect(told.status).toBe(400);
      expect(await told.json()).toMatchObject({ errors: [{ extensions }] });
      const streamed = await ask('text/event-stream');
      expect(streamed.status).toBe(200);
      const [, data = ''] = /^data: (.*)$/m.exec(await streamed.text()) ?? [];
      expect(JSON.parse(data)).toMatchObject({ errors: [{ extensions }] });
    },
  );

  test('are told in the stream what the subgraph refuses', async () => {
    await using answer = post(EVENTS, { after: 'no cursor' });
    const [refused] = await results(answer, 1);
    expect(refused.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: 'after' } }]);
    await until(() => answer.received.includes('event: complete'));
  });

  test('are refused by 429 when one client has too many', async () => {
    await noFollowers();
    await using _one = post(EVENTS);
    await using _two = post(EVENTS);
    await using third = post(MULTIPART);
    await third.head();
    await using fourth = post(EVENTS);
    expect(await fourth.head()).toContain('http/1.1 429');
  });

  test('end when the gateway stops, which does not wait for them', async () => {
    const events = post(EVENTS);
    await until(async () => (await followers()) > 0);
    await system.gateway[Symbol.asyncDispose]();
    await events.closed;
    expect(events.received).toContain('"code":"SHUTTING_DOWN"');
    expect(events.received).toContain('event: complete');
  });
});
