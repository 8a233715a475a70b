import { eq, sql } from 'drizzle-orm';
import type { Queryable } from '#shared/store/postgres.ts';
import { customers } from './tables.ts';

export interface Customer {
  readonly userId: string;
  readonly status: string;
  readonly revision: number;
}

/** Notes what is known of a user; what comes late or twice changes nothing. */
export async function noteCustomer(db: Queryable, customer: Customer): Promise<void> {
  await db
    .insert(customers)
    .values(customer)
    .onConflictDoUpdate({
      target: customers.userId,
      set: { status: customer.status, revision: customer.revision },
      setWhere: sql`excluded.revision > ${customers.revision}`,
    });
}

/** Is the user known to be suspended? Whom this service has not heard of yet is new, and may order. */
export async function isSuspended(db: Queryable, userId: string): Promise<boolean> {
  const [customer] = await db.select().from(customers).where(eq(customers.userId, userId));
  return customer?.status === 'SUSPENDED';
}
