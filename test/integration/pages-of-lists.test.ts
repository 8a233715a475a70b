import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { v7 } from 'uuid';
import { moved } from '#inventory/domain/product.ts';
import { productFields, productLoader } from '#inventory/resolvers/product.ts';
import { recordOperations } from '#inventory/store/operations.ts';
import { addProducts } from '#inventory/store/products.ts';
import { placed } from '#order/domain/order.ts';
import { userFields } from '#order/resolvers/order.ts';
import { insertOrder } from '#order/store/orders.ts';
import type { Connection, PageArguments } from '#shared/graphql/connection.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { migrate } from '#shared/store/migrate.ts';
import { transact, type Database } from '#shared/store/postgres.ts';
import { createDatabase, describeOnPostgres } from '../support/database.ts';
import { contextOf } from '../support/request-context.ts';

type Pages = (
  owner: { id: string },
  page: PageArguments,
  context: RequestContext,
) => Promise<Connection<{ id: string }>>;

const OWNERS = 100;
const EACH = 5;
const PAGE = 2;

/** A database whose statements are noted. */
async function openNoted(
  service: string,
  opened: AsyncDisposableStack,
): Promise<{ db: Database; statements: string[] }> {
  const { url } = opened.use(await createDatabase());
  await migrate(url, fileURLToPath(new URL(`../../subgraphs/${service}/store/migrations`, import.meta.url)));
  const client = postgres(url, { max: 2, fetch_types: false, onnotice: () => {} });
  opened.defer(() => client.end());
  const statements: string[] = [];
  return { db: drizzle(client, { logger: { logQuery: (statement) => statements.push(statement) } }), statements };
}

const asAdmin = (): RequestContext =>
  contextOf({ viewer: { kind: 'user', id: randomUUID(), role: 'ADMIN', expiresAt: new Date(Date.now() + 60_000) } });

describeOnPostgres.each(['order', 'inventory'] as const)("pages of lists in the %s service's answer", (service) => {
  const opened = new AsyncDisposableStack();
  /** The ids of each owner's list, newest first. */
  const lists = new Map<string, string[]>();
  let pages: Pages;
  let statements: string[];
  beforeAll(async () => {
    const store = await openNoted(service, opened);
    ({ statements } = store);
    const owners = Array.from({ length: OWNERS }, () => randomUUID());
    // One after the other in turn, so that lists are interleaved.
    const records = Array.from({ length: EACH }, () => owners.map((owner) => ({ owner, id: v7() }))).flat();
    for (const { owner, id } of records) lists.set(owner, [id, ...(lists.get(owner) ?? [])]);
    await transact(store.db, (tx) =>
      service === 'order' ? addOrders(tx, records) : addOperations(tx, owners, records),
    );
    const { orders } = userFields(store.db);
    const { operations } = productFields(store.db, productLoader(store.db));
    pages = (service === 'order' ? orders : operations) as unknown as Pages;
  });
  afterAll(() => opened.disposeAsync());

  test.each([1, OWNERS])('are one statement for %d owners, and each is its own', async (count) => {
    const context = asAdmin();
    const owners = [...lists.keys()].slice(0, count);
    let after: string | null = null;
    for (const start of [0, PAGE, 2 * PAGE]) {
      statements.length = 0;
      const found = await Promise.all(owners.map((id) => pages({ id }, { first: PAGE, after }, context)));
      expect(statements).toHaveLength(1);
      expect(found.map(({ edges }) => edges.map(({ node }) => node.id))).toEqual(
        owners.map((owner) => lists.get(owner)?.slice(start, start + PAGE)),
      );
      if (count > 1) break;
      after = found[0]?.pageInfo.endCursor ?? null;
    }
  });
});

type Tx = Parameters<Parameters<Database['transaction']>[0]>[0];
type Records = readonly { readonly owner: string; readonly id: string }[];

async function addOrders(tx: Tx, records: Records): Promise<void> {
  const at = new Date();
  for (const { owner, id } of records) {
    await insertOrder(tx, placed({ id, userId: owner, items: [{ productId: 'P', quantity: 1 }], at }), at);
  }
}

async function addOperations(tx: Tx, owners: readonly string[], records: Records): Promise<void> {
  const at = new Date();
  const product = { name: '', description: '', priceAmount: 1, currency: 'USD', available: 0, held: 0, version: 0 };
  await addProducts(
    tx,
    owners.map((id) => moved({ ...product, id, updatedAt: at }, { available: 1, held: 0 }, at)),
  );
  await recordOperations(
    tx,
    records.map(({ owner, id }) => ({ id, productId: owner, type: 'ADJUST', quantity: 1, occurredAt: at })),
  );
}
