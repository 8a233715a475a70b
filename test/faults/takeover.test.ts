import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPostgresBus } from '#shared/events/postgres-bus.ts';
import { Listener } from '#shared/testing/bus-listener.ts';
import { describeOnPostgres } from '../support/database.ts';
import { until } from '../support/poll.ts';
import { openReplicaHouse, type Replica, type ReplicaHouse } from '../support/replicas.ts';
import { quietLog } from '../support/store.ts';
import { stockBooks } from '../support/stock-books.ts';
import { newRegistration } from '../support/customers.ts';

const REGISTER = `mutation ($input: RegisterUserInput!, $key: ID!) {
  registerUser(input: $input, idempotencyKey: $key) { user { id } token }
}`;
const RENAME = `mutation ($input: UpdateUserInput!, $key: ID!) {
  updateUser(input: $input, idempotencyKey: $key) { user { version } replayed }
}`;
const PLACE = `mutation ($input: PlaceOrderInput!, $key: ID!) {
  placeOrder(input: $input, idempotencyKey: $key) { order { id status } replayed }
}`;

/** What is promised is 5 s; a machine that is busy with other things may take its time. */
const TAKEN_OVER_WITHIN_MS = 15_000;
/** A write on its way at the replica that is paused. */
const IN_FLIGHT = 1;
/** Writes of one process that wait for one row: as many as its connections would allow, but for its workers' own. */
const QUEUED = 8;

describeOnPostgres('of two replicas', () => {
  let opened: AsyncDisposableStack;
  let house: ReplicaHouse;
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    house = opened.use(await openReplicaHouse());
  });
  afterEach(() => opened.disposeAsync());

  function connect(url: string): postgres.Sql {
    const sql = postgres(url, { max: 2, onnotice: () => {} });
    opened.defer(() => sql.end());
    return sql;
  }

  async function takenOver(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
    const startedAt = performance.now();
    await until(holds, { what, deadlineMs: TAKEN_OVER_WITHIN_MS });
    console.log(`${what}: taken over after ${Math.round(performance.now() - startedAt)} ms`);
  }

  test(
    'one relays; when it is killed or paused the other does, and nothing is lost or told twice',
    { timeout: 180_000 },
    async () => {
      const sql = connect(house.databaseUrls.user);
      const bus = opened.use(await openPostgresBus({ url: house.databaseUrls.bus, name: 'test', log: quietLog }));
      const listener = new Listener();
      opened.use(await listener.subscribe(bus, 'listener'));
      let replicas = await Promise.all([house.start('user'), house.start('user')]);
      const { registerUser } = await replicas[0]!.client.ask(REGISTER, { input: newRegistration(), key: randomUUID() });
      const { id } = registerUser.user;

      /** Every change asked for, by its key. */
      const wanted = new Map<string, string>();
      const ask = async (replica: Replica, key: string): Promise<number> => {
        const input = { id, firstName: wanted.get(key) };
        const { updateUser } = await replica.client.as(registerUser.token).ask(RENAME, { input, key });
        return updateUser.user.version as number;
      };
      const newChange = (): string => {
        const key = randomUUID();
        wanted.set(key, `Grace ${wanted.size}`);
        return key;
      };
      const leader = async (): Promise<{ replica: Replica; token: number }> => {
        const [lease] =
          await sql`SELECT holder, token::int FROM leases WHERE name = 'relay' AND expires_at > clock_timestamp()`;
        const replica = replicas.find(({ pid }) => lease?.['holder'].split(':').at(-2) === String(pid));
        if (replica === undefined) throw new Error('nobody relays');
        return { replica, token: lease!['token'] as number };
      };
      const another = (replica: Replica): Replica => replicas.find((each) => each !== replica)!;
      /** An event of a write after this moment has come over the bus. */
      const relaysAgain = async (what: string, survivor: Replica): Promise<void> => {
        const before = listener.heard.length;
        const key = newChange();
        let version: number | undefined;
        await takenOver(what, async () => {
          version ??= await ask(survivor, key);
          return listener.heard.slice(before).some(({ event }) => event.revision === String(version));
        });
      };

      const first = await until(leader);
      await first.replica.kill();
      const survivor = another(first.replica);
      await relaysAgain('the relay of a killed leader', survivor);
      replicas = [survivor, await house.start('user')];

      for (const round of [1, 2]) {
        const { replica: paused, token } = await until(leader);
        const keys = Array.from({ length: IN_FLIGHT }, newChange);
        const answers = keys.map((key) => ask(paused, key));
        paused.pause();
        await relaysAgain(`the relay of a paused leader (${round})`, another(paused));
        const now = await leader();
        expect(now.replica).toBe(another(paused));
        expect(now.token).toBeGreaterThan(token);
        paused.resume();
        await Promise.allSettled(answers);
        // Whoever had no answer, or a bad one, asks again: wherever.
        for (const key of keys) await until(() => ask(another(paused), key));
      }

      const changes = wanted.size + 1;
      await until(() => listener.heard.some(({ event }) => event.revision === String(changes)));
      const [user] = await sql`SELECT version FROM users WHERE id = ${id}`;
      expect(user, 'each key has had one effect').toEqual({ version: changes });
      const outbox = await sql`SELECT event_id AS id, position::int FROM outbox ORDER BY position`;
      expect(listener.heard.map(({ position, event }) => ({ id: event.id, position }))).toEqual([...outbox]);
      expect(outbox.map(({ position }) => position as number)).toEqual(outbox.map((_, at) => at + 1));
    },
  );

  test('one writes what eight writes of the other wait for, which is paused', async () => {
    const sql = connect(house.databaseUrls.user);
    const [paused, other] = [await house.start('user'), await house.start('user')];
    const { registerUser } = await paused.client.ask(REGISTER, { input: newRegistration(), key: randomUUID() });
    const { id } = registerUser.user;
    const rename = (replica: Replica, firstName: string, key: string): Promise<unknown> =>
      replica.client.as(registerUser.token).ask(RENAME, { input: { id, firstName }, key });
    const names = Array.from({ length: QUEUED }, (_, at) => ({ firstName: `Grace ${at}`, key: randomUUID() }));
    const waiting = async (): Promise<number> => {
      const rows =
        await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      return rows.length;
    };
    let answers: Promise<unknown>[] = [];
    await sql.begin(async (tx) => {
      await tx`SELECT FROM users WHERE id = ${id} FOR UPDATE`;
      answers = names.map(({ firstName, key }) => rename(paused, firstName, key));
      for (const answer of answers) answer.catch(() => undefined);
      await until(async () => (await waiting()) === QUEUED, { what: 'the queue' });
      paused.pause();
    });
    const key = randomUUID();
    await takenOver('a write behind those of a paused process', () =>
      rename(other, 'Hopper', key).then(
        () => true,
        () => false,
      ),
    );
    paused.resume();
    await Promise.allSettled(answers);
    for (const { firstName, key } of names) await until(() => rename(other, firstName, key));
    const [user] = await sql`SELECT version FROM users WHERE id = ${id}`;
    expect(user, 'each key has had one effect').toEqual({ version: QUEUED + 2 });
  });

  test.each(['killed', 'paused'] as const)('one goes on with the order of the other, which was %s', async (how) => {
    const [inventory, one, other] = await Promise.all([
      house.start('inventory'),
      house.start('order'),
      house.start('order'),
    ]);
    const sql = connect(house.databaseUrls.order);
    const token = await house.tokenOf(randomUUID());
    const call = { input: { items: [{ productId: 'PROD-004', quantity: 2 }] }, key: randomUUID() };
    // Inventory does not answer, so that nothing is decided yet.
    inventory.pause();
    const lost = one.client.as(token).ask(PLACE, call);
    lost.catch(() => undefined);
    const order = await until(async () => (await sql`SELECT id FROM orders`)[0]);
    if (how === 'killed') await one.kill();
    else one.pause();
    inventory.resume();
    const status = async (): Promise<string> => (await sql`SELECT status FROM orders`)[0]?.['status'] as string;
    await takenOver(`the order of a ${how} process`, async () => (await status()) === 'CONFIRMED');
    if (how === 'paused') {
      one.resume();
      await lost;
    }
    const { placeOrder } = await other.client.as(token).ask(PLACE, call);
    expect(placeOrder).toEqual({ order: { id: order['id'] as string, status: 'CONFIRMED' }, replayed: true });
    const told = await sql`SELECT type FROM outbox ORDER BY seq`;
    expect(told.map(({ type }) => type as string)).toEqual(['order.placed', 'order.confirmed']);
    expect(await stockBooks(house.databaseUrls)).toEqual([]);
  });
});
