import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Any, TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { newRegistration, REGISTER } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const USERS = `query ($first: Int, $after: String, $filter: UserFilter) {
  users(first: $first, after: $after, filter: $filter) {
    edges { cursor node { id name email } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const SUSPEND = `mutation ($id: ID!, $key: ID!) {
  setUserStatus(input: { id: $id, status: SUSPENDED }, idempotencyKey: $key) { user { status } }
}`;

describeOnPostgres('the list of users', () => {
  let system: System;
  let admin: TestClient;
  beforeAll(async () => {
    system = await openSystem();
    admin = await system.admin();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  /** Says in each name which test made it. */
  async function registerAs(mark: string, ...firstNames: string[]): Promise<string[]> {
    const ids: string[] = [];
    for (const firstName of firstNames) {
      const input = { ...newRegistration(), firstName, lastName: mark };
      const { registerUser } = await system.client.ask(REGISTER, { input, key: randomUUID() });
      ids.push(registerUser.user.id);
    }
    return ids;
  }
  const idsOf = ({ users }: Any): string[] => users.edges.map(({ node }: Any) => node.id);
  const newMark = (): string => `M${randomUUID().slice(0, 8)}`;

  test.each([1, 2, 3, 7, 100])('is walked page by page of %i, everyone once, newest first', async (first) => {
    const mark = newMark();
    const made = await registerAs(mark, 'A', 'B', 'C', 'D', 'E', 'F', 'G');
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const page: Any = await admin.ask(USERS, { first, after, filter: { search: mark } });
      const { edges, pageInfo } = page.users;
      expect(pageInfo).toMatchObject({
        hasPreviousPage: after !== null,
        startCursor: edges[0].cursor,
        endCursor: edges.at(-1).cursor,
      });
      seen.push(...idsOf(page));
      ({ endCursor: after, hasNextPage: more } = pageInfo);
    }
    expect(seen).toEqual(made.toReversed());
  });

  test('is empty behind its end, and for nobody', async () => {
    const { users } = await admin.ask(USERS, { filter: { search: newMark() } });
    expect(users).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test('holds twenty when nothing is said', async () => {
    await registerAs(newMark(), ...Array.from({ length: 21 }, () => 'A'));
    expect((await admin.ask(USERS)).users.edges).toHaveLength(20);
  });

  test('is filtered by status and role, and all conditions must hold', async () => {
    const mark = newMark();
    const [active, suspended] = await registerAs(mark, 'A', 'B');
    await admin.ask(SUSPEND, { id: suspended, key: randomUUID() });
    const of = async (filter: object): Promise<string[]> =>
      idsOf(await admin.ask(USERS, { filter: { search: mark, ...filter } }));
    expect(await of({ status: 'ACTIVE' })).toEqual([active]);
    expect(await of({ status: 'SUSPENDED', role: 'CUSTOMER' })).toEqual([suspended]);
    expect(await of({ role: 'ADMIN' })).toEqual([]);
    expect(await of({ status: null, role: null })).toEqual([suspended, active]);
    const { users } = await admin.ask(USERS, { filter: { role: 'ADMIN' } });
    expect(users.edges.map(({ node }: Any) => node.name)).toEqual(['Lockstep Admin']);
  });

  test('is searched by name and e-mail, without regard to case, each character for itself', async () => {
    const mark = newMark();
    const [percent, underscore, backslash, plain] = await registerAs(mark, '100%', 'a_b', String.raw`a\b`, 'axb');
    const of = async (search: string): Promise<string[]> => idsOf(await admin.ask(USERS, { filter: { search } }));
    expect(await of(`100% ${mark}`)).toEqual([percent]);
    expect(await of(`%${mark}`)).toEqual([]);
    expect(await of(`a_b ${mark}`)).toEqual([underscore]);
    expect(await of(String.raw`A\B ${mark}`)).toEqual([backslash]);
    expect(await of(`AXB ${mark.toLowerCase()}`)).toEqual([plain]);
    const { users } = await admin.ask(USERS, { filter: { search: mark } });
    const { node } = users.edges[0];
    expect(await of(node.email.toUpperCase())).toEqual([node.id]);
  });
});
