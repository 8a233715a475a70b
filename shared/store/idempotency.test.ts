import { createHash, randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeOnPostgres } from '#test/support/database.ts';
import { until } from '#test/support/poll.ts';
import { openStore, type TestStore } from '#test/support/store.ts';
import { refused, type Outcome } from '../refusal.ts';
import { Idempotency, type Answer, type Call } from './idempotency.ts';
import { findKey } from './idempotency-keys.ts';
import type { Database, Transaction } from './postgres.ts';

const SECRET = 'a secret that is only good enough for tests';

interface Made {
  readonly id: number;
}

describeOnPostgres('a call with a key', () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await openStore();
    // The name is checked when the transaction commits, so that a test can make the commit itself fail.
    await store.db.execute(sql`CREATE TABLE effects (id serial, key text NOT NULL, name text NOT NULL,
      UNIQUE (name) DEFERRABLE INITIALLY DEFERRED)`);
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const idempotency = (db: Database = store.db, secret = SECRET): Idempotency =>
    new Idempotency({ db, secret, afterCommit: () => {} });
  const newCall = (over: Partial<Call> = {}): Call => ({
    caller: 'anonymous',
    field: 'makeEffect',
    key: randomUUID(),
    args: { name: 'Ada', password: 'correct horse battery' },
    ...over,
  });

  async function insertEffect(tx: Transaction, key: string, name: string = randomUUID()): Promise<Outcome<Made>> {
    const [row] = await tx.execute<{ id: number }>(
      sql`INSERT INTO effects (key, name) VALUES (${key}, ${name}) RETURNING id`,
    );
    return { data: { id: row!.id } };
  }
  async function effectsOf(key: string): Promise<number> {
    const [row] = await store.db.execute<{ n: number }>(sql`SELECT count(*)::int AS n FROM effects WHERE key = ${key}`);
    return row!.n;
  }
  const prepare = (): Promise<void> => Promise.resolve();
  const make = (one: Idempotency, call: Call): Promise<Answer<Made>> =>
    one.once<Made, void, string>(call, { prepare, effect: (tx) => insertEffect(tx, call.key) });

  function expectOneEffect(answers: readonly Answer<Made>[]): void {
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(answers.map(({ outcome }) => JSON.stringify(outcome))).size).toBe(1);
  }

  test('has one effect, however often it comes at once', async () => {
    const one = idempotency();
    const call = newCall();
    expectOneEffect(await Promise.all(Array.from({ length: 50 }, () => make(one, call))));
    expect(await effectsOf(call.key)).toBe(1);
    expect(await make(one, call)).toMatchObject({ replayed: true });
  });

  test('has one effect, however often it comes at once to two processes', async () => {
    const processes = [idempotency(store.another().db), idempotency(store.another().db)];
    const call = newCall();
    expectOneEffect(await Promise.all(Array.from({ length: 50 }, (_, at) => make(processes[at % 2]!, call))));
    expect(await effectsOf(call.key)).toBe(1);
  });

  test('has one effect when fifty processes take it at once', async () => {
    const { db } = store.another(20);
    const call = newCall();
    expectOneEffect(await Promise.all(Array.from({ length: 50 }, () => make(idempotency(db), call))));
    expect(await effectsOf(call.key)).toBe(1);
  });

  test('is waited for by its twins without a connection', async () => {
    const { db } = store.another(2);
    const one = idempotency(db);
    const call = newCall();
    const [entered, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const effect = async (tx: Transaction): Promise<Outcome<Made>> => {
      entered.resolve();
      await released.promise;
      return insertEffect(tx, call.key);
    };
    const first = one.once<Made, void, string>(call, { prepare, effect });
    await entered.promise;
    const twins = Array.from({ length: 60 }, () => make(one, call));
    const others = Array.from({ length: 60 }, () => make(one, { ...call, args: { name: 'Grace' } }));
    const refusals = Promise.allSettled(others);
    // One connection is the first call's; were the other taken by a twin, this would wait until the gate opens, which is after it.
    expect(await db.execute(sql`SELECT 'answered' AS said`)).toEqual([{ said: 'answered' }]);
    released.resolve();
    expectOneEffect(await Promise.all([first, ...twins]));
    for (const settled of await refusals) {
      expect(settled).toMatchObject({ status: 'rejected', reason: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    }
    expect(await effectsOf(call.key)).toBe(1);
  });

  test('is prepared once, and not at all when it is replayed', async () => {
    const one = idempotency();
    const call = newCall();
    let prepared = 0;
    const work = {
      prepare: () => Promise.resolve((prepared += 1)),
      effect: (tx: Transaction) => insertEffect(tx, call.key),
    };
    await Promise.all([one.once(call, work), one.once(call, work)]);
    await one.once(call, work);
    expect(prepared).toBe(1);
  });

  test('that was refused stays refused after the cause has gone', async () => {
    const one = idempotency();
    const call = newCall();
    let taken = true;
    const again = (): Promise<Answer<Made, 'NAME_TAKEN'>> =>
      one.once(call, {
        prepare,
        effect: async (tx): Promise<Outcome<Made, 'NAME_TAKEN'>> => {
          if (taken) return refused('NAME_TAKEN', 'This name is taken.', 'name');
          const { data } = await insertEffect(tx, call.key);
          return { data: data! };
        },
      });
    const first = await again();
    expect(first).toEqual({
      outcome: { userErrors: [{ code: 'NAME_TAKEN', message: 'This name is taken.', field: 'name' }] },
      replayed: false,
    });
    taken = false;
    expect(await again()).toEqual({ ...first, replayed: true });
    expect(await effectsOf(call.key)).toBe(0);
  });

  test('with other arguments is refused, and has no effect', async () => {
    const one = idempotency();
    const call = newCall();
    await make(one, call);
    const other = make(one, { ...call, args: { name: 'Grace' } });
    await expect(other).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED', field: 'idempotencyKey' });
    expect(await effectsOf(call.key)).toBe(1);
  });

  test('with other arguments goes ahead when the running call with its key fails', async () => {
    const one = idempotency();
    const call = newCall();
    const failing = one.once<Made, void, string>(call, {
      prepare: () => Promise.reject(new Error('the hash failed')),
      effect: (tx) => insertEffect(tx, call.key),
    });
    const other = make(one, { ...call, args: { name: 'Grace' } });
    await expect(failing).rejects.toThrow('the hash failed');
    expect(await other).toMatchObject({ replayed: false });
    expect(await effectsOf(call.key)).toBe(1);
  });

  test('is the same whatever the order of its arguments, and with or without undefined ones', async () => {
    const one = idempotency();
    const call = newCall({ args: { a: 1, b: { c: [1, 2], d: null } } });
    await make(one, call);
    expect(await make(one, { ...call, args: { b: { d: null, c: [1, 2], e: undefined }, a: 1 } })).toMatchObject({
      replayed: true,
    });
    for (const args of [
      { a: 1, b: { c: [2, 1], d: null } },
      { a: 1, b: { c: [1, 2] } },
      { a: '1', b: null },
    ]) {
      await expect(make(one, { ...call, args })).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    }
  });

  test.each(['caller', 'field', 'key'] as const)('under another %s is another call', async (part) => {
    const one = idempotency();
    const call = newCall();
    const other = { ...call, [part]: randomUUID() };
    expect(await make(one, call)).toMatchObject({ replayed: false });
    expect(await make(one, other)).toMatchObject({ replayed: false });
    expect((await effectsOf(call.key)) + (part === 'key' ? await effectsOf(other.key) : 0)).toBe(2);
  });

  test('leaves nothing in its row from which a password could be guessed', async () => {
    const password = 'correct horse battery';
    const call = newCall({ args: { password } });
    const [first, second] = [newCall({ args: { password } }), newCall({ args: { password } })];
    await make(idempotency(), first);
    await make(idempotency(store.db, `${SECRET}, changed`), second);
    const fingerprints = [
      (await findKey(store.db, first))!.fingerprint,
      (await findKey(store.db, second))!.fingerprint,
    ];
    expect(fingerprints[0]!.equals(fingerprints[1]!), 'the secret goes into the fingerprint').toBe(false);
    const row = await rowOf(first);
    expect(row).not.toContain(password);
    for (const text of [password, JSON.stringify(call.args), JSON.stringify([call.field, call.args])]) {
      for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
        const digest = createHash(algorithm).update(text).digest();
        expect(row).not.toContain(digest.toString('hex'));
        expect(row).not.toContain(digest.toString('base64'));
      }
    }
  });

  async function rowOf(call: Call): Promise<string> {
    const [row] = await store.db.execute<{ row: string }>(
      sql`SELECT to_jsonb(k)::text AS row FROM idempotency_keys AS k WHERE key = ${call.key}`,
    );
    return row!.row;
  }

  test.each([
    { what: 'empty', key: '' },
    { what: '256 characters long', key: 'k'.repeat(256) },
    { what: 'not ASCII', key: 'clé' },
    { what: 'of two lines', key: 'a\nb' },
    { what: 'ended by a newline', key: 'a\n' },
    { what: 'ended by NUL', key: 'a\0' },
  ])('whose key is $what is refused before anything is done', async ({ key }) => {
    let done = 0;
    const count = (): Promise<never> => Promise.reject(new Error(`done ${(done += 1)}`));
    const call = idempotency().once(newCall({ key }), { prepare: count, effect: count });
    await expect(call).rejects.toMatchObject({ code: 'BAD_USER_INPUT', field: 'idempotencyKey' });
    expect(done).toBe(0);
  });

  test.each(['k', 'k'.repeat(255), ' ~', `"'\\;--`])('whose key is odd but printable is served: %s', async (key) => {
    const one = idempotency();
    const call = newCall({ key, caller: randomUUID() });
    expect(await make(one, call)).toMatchObject({ replayed: false });
    expect(await make(one, call)).toMatchObject({ replayed: true });
  });

  describe('that goes wrong', () => {
    const boom = new Error('the power went');
    /** The key must be free and nothing done, then the same call must work. */
    async function expectFree(call: Call): Promise<void> {
      expect(await findKey(store.db, call)).toBeUndefined();
      expect(await effectsOf(call.key)).toBe(0);
      expect(await make(idempotency(), call)).toMatchObject({ replayed: false });
      expect(await effectsOf(call.key)).toBe(1);
    }

    test('while it is prepared leaves its key free', async () => {
      const call = newCall();
      const effect = (tx: Transaction): Promise<Outcome<Made>> => insertEffect(tx, call.key);
      await expect(idempotency().once(call, { prepare: () => Promise.reject(boom), effect })).rejects.toBe(boom);
      await expectFree(call);
    });

    test('after its effect leaves neither effect nor key', async () => {
      const call = newCall();
      const effect = async (tx: Transaction): Promise<Outcome<Made>> => {
        await insertEffect(tx, call.key);
        throw boom;
      };
      await expect(idempotency().once(call, { prepare, effect })).rejects.toBe(boom);
      await expectFree(call);
    });

    test('when it commits leaves neither effect nor key', async () => {
      const call = newCall();
      const name = randomUUID();
      await make(idempotency(), newCall());
      await store.db.transaction((tx) => insertEffect(tx, 'another', name));
      const effect = (tx: Transaction): Promise<Outcome<Made>> => insertEffect(tx, call.key, name);
      await expect(idempotency().once(call, { prepare, effect })).rejects.toThrow(/duplicate key/);
      await expectFree(call);
    });

    test('because its connection was killed leaves neither effect nor key', async () => {
      const call = newCall();
      const effect = async (tx: Transaction): Promise<Outcome<Made>> => {
        const outcome = await insertEffect(tx, call.key);
        const [row] = await tx.execute<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`);
        await store.db.execute(sql`SELECT pg_terminate_backend(${row!.pid})`);
        return outcome;
      };
      const { db } = store.another(1);
      await expect(idempotency(db).once(call, { prepare, effect })).rejects.toThrow();
      await until(async () => (await db.execute(sql`SELECT 1`)).length === 1, { what: 'the pool working again' });
      await expectFree(call);
    });

    test('fails its twins as well, and the next one works', async () => {
      const one = idempotency();
      const call = newCall();
      const failing = { prepare: () => Promise.reject(boom), effect: (tx: Transaction) => insertEffect(tx, call.key) };
      const settled = await Promise.allSettled([one.once(call, failing), make(one, call)]);
      expect(settled).toEqual(Array.from({ length: 2 }, () => ({ status: 'rejected', reason: boom })));
      expect(await make(one, call)).toMatchObject({ replayed: false });
      expect(await effectsOf(call.key)).toBe(1);
    });
  });

  test('that runs for long in another process is told to be tried again, and is then replayed', async () => {
    const call = newCall();
    const [entered, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const effect = async (tx: Transaction): Promise<Outcome<Made>> => {
      const outcome = await insertEffect(tx, call.key);
      entered.resolve();
      await released.promise;
      return outcome;
    };
    const first = idempotency(store.another().db).once<Made, void, string>(call, { prepare, effect });
    await entered.promise;
    const here = idempotency();
    await expect(make(here, call)).rejects.toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
    released.resolve();
    expectOneEffect([await first, await make(here, call)]);
    expect(await effectsOf(call.key)).toBe(1);
  });
});
