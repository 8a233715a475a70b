import { eq } from 'drizzle-orm';
import type { Queryable, Transaction } from '#shared/store/postgres.ts';
import type { Gremlin } from '../domain/gremlin.ts';
import { gremlins } from './tables.ts';

/** There is one for all replicas. */
const THE_ONE = 1;

export async function readGremlin(db: Queryable): Promise<Gremlin | undefined> {
  const [row] = await db.select().from(gremlins).where(eq(gremlins.id, THE_ONE));
  return row;
}

export async function saveGremlin(tx: Transaction, gremlin: Gremlin): Promise<void> {
  const { enabled, latencyMs, everyNth, dropResponses, failRequests } = gremlin;
  const set = { enabled, latencyMs, everyNth, dropResponses, failRequests };
  await tx
    .insert(gremlins)
    .values({ id: THE_ONE, ...set })
    .onConflictDoUpdate({ target: gremlins.id, set });
}
