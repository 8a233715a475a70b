import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { postgresPort } from '#scripts/start/ports.ts';
import type { PrivateKey } from '#shared/config.ts';
import { serviceTokens } from '#shared/identity/tokens.ts';
import { median, table } from './statistics.ts';
import { startSystem, temporaryFolder, type Started } from './system.ts';

/** As many as a sale brings at once; each waits for its answer before it asks again. */
const BUYERS = 100;
const RUNS = 5;
/** Each some hundred times what it takes to get going. */
const UPDATES = 1_000;
const RESERVATIONS = 600;
const ORDERS = 200;
const PRODUCT = 'PROD-001';
const INVENTORY_OFFSET = 3;

const RESERVE = `mutation ($input: ReserveStockInput!, $key: ID!) {
  answer: reserveStock(input: $input, idempotencyKey: $key) { reservation { state } userErrors { code } }
}`;
const PLACE = `mutation ($input: PlaceOrderInput!, $key: ID!) {
  placeOrder(input: $input, idempotencyKey: $key) { order { status } }
}`;
const STOCK = `mutation ($input: AdjustStockInput!, $key: ID!) { adjustStock(input: $input, idempotencyKey: $key) { userErrors { code } } }`;
const REGISTER = `mutation ($input: RegisterUserInput!, $key: ID!) { registerUser(input: $input, idempotencyKey: $key) { token } }`;
const LOG_IN = 'mutation ($input: LoginInput!) { login(input: $input) { token } }';

/** What is measured, by name: each gives how many it did in a second, by {@link BUYERS} callers at once. */
type Measures = Readonly<Record<string, () => Promise<number>>>;

/** Has everybody want one product: how many pieces are reserved, and how many orders confirmed, in a second. */
export async function measureHotProduct(): Promise<string> {
  await using folder = await temporaryFolder();
  const system = await startSystem(folder.path);
  try {
    await using bare = await openBareTable(system);
    const measures: Measures = {
      'bare conditional UPDATE, a statement each': bare.measure,
      'reserveStock at the inventory service': await reservations(system),
      'placeOrder at the gateway, until confirmed': await orders(system),
    };
    return report(await alternate(measures));
  } finally {
    await system.stop();
  }
}

async function alternate(measures: Measures): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  for (let run = 1; run <= RUNS; run += 1) {
    for (const [name, measure] of Object.entries(measures)) {
      const each = await measure();
      found.set(name, [...(found.get(name) ?? []), each]);
      console.error(`run ${run}, ${name}: ${each.toFixed(0)}/s`);
    }
  }
  return found;
}

function report(found: ReadonlyMap<string, readonly number[]>): string {
  const [reference = []] = found.values();
  const rows = [...found].map(([name, list]) => [
    name,
    `${median(list).toFixed(0)}/s`,
    (median(list) / median(reference)).toFixed(3),
    list.map((each) => each.toFixed(0)).join(', '),
  ]);
  return table(['one product', 'median', 'of the bare UPDATE', 'all'], rows);
}

/** Does `total` pieces of work, {@link BUYERS} at once; gives how many a second. */
async function perSecond(total: number, work: () => Promise<unknown>): Promise<number> {
  let left = total;
  const buyer = async (): Promise<void> => {
    for (left -= 1; left >= 0; left -= 1) await work();
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: BUYERS }, buyer));
  return (total * 1_000) / (performance.now() - startedAt);
}

/** The physical reference: what this server's row lock and disk allow, over as many connections as a service has. */
async function openBareTable({ port, data }: Started): Promise<AsyncDisposable & { measure: () => Promise<number> }> {
  const { postgres: passwords } = await readJson<{ postgres: { superuser: string } }>(data, 'secrets.json');
  const url = `postgres://postgres:${passwords.superuser}@127.0.0.1:${postgresPort(port)}/postgres`;
  const sql = postgres(url, { max: 10, onnotice: () => {} });
  await sql`CREATE TABLE bare_stock (id int PRIMARY KEY, available int NOT NULL CHECK (available >= 0))`;
  await sql`INSERT INTO bare_stock VALUES (1, 1000000)`;
  const take = (): Promise<unknown> =>
    sql`UPDATE bare_stock SET available = available - 1 WHERE id = 1 AND available > 0`;
  return { measure: () => perSecond(UPDATES, take), [Symbol.asyncDispose]: () => sql.end() };
}

async function reservations({ port, data }: Started): Promise<() => Promise<number>> {
  const { serviceKeys } = await readJson<{ serviceKeys: Record<'order', PrivateKey> }>(data, 'secrets.json');
  const token = serviceTokens('order', serviceKeys.order);
  const url = `http://127.0.0.1:${port + INVENTORY_OFFSET}/graphql`;
  const reserve = async (): Promise<void> => {
    const input = { orderId: randomUUID(), items: [{ productId: PRODUCT, quantity: 1 }] };
    const { answer } = await ask<{ answer: { userErrors: unknown[] } }>(url, RESERVE, { input, token: await token() });
    if (answer.userErrors.length > 0) throw new Error(`refused: ${JSON.stringify(answer)}`);
  };
  return () => perSecond(RESERVATIONS, reserve);
}

async function orders({ port, data }: Started): Promise<() => Promise<number>> {
  const url = `http://127.0.0.1:${port}/graphql`;
  const admin = await readJson(data, 'admin.json');
  const { login } = await ask<{ login: { token: string } }>(url, LOG_IN, { input: admin });
  const stock = { productId: PRODUCT, change: 1_000_000, reason: 'enough for a bench' };
  await ask(url, STOCK, { input: stock, token: login.token });
  const ada = { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com', password: 'correct horse battery' };
  const { registerUser } = await ask<{ registerUser: { token: string } }>(url, REGISTER, { input: ada });
  const input = { items: [{ productId: PRODUCT, quantity: 1 }] };
  const place = async (): Promise<void> => {
    const key = randomUUID();
    // A call whose 3 s were over is told PENDING; the same call again waits on.
    for (let status = 'PENDING'; status !== 'CONFIRMED';) {
      const { placeOrder } = await ask<{ placeOrder: { order: { status: string } } }>(url, PLACE, {
        input,
        key,
        token: registerUser.token,
      });
      ({ status } = placeOrder.order);
      if (status === 'FAILED') throw new Error('an order has failed');
    }
  };
  return () => perSecond(ORDERS, place);
}

interface Asking {
  readonly input: unknown;
  readonly key?: string;
  readonly token?: string;
}

async function ask<Data>(url: string, query: string, { input, key = randomUUID(), token }: Asking): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables: { input, key } }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

async function readJson<T>(folder: string, file: string): Promise<T> {
  return JSON.parse(await readFile(join(folder, file), 'utf8')) as T;
}
