import { and, eq } from 'drizzle-orm';
import { bigint, pgTable, text } from 'drizzle-orm/pg-core';
import type { Queryable, Transaction } from './postgres.ts';

/** Numbers a service keeps about itself: how far its outbox has come, and its epoch. */
export const serviceState = pgTable('service_state', {
  name: text().primaryKey(),
  value: bigint({ mode: 'number' }).notNull(),
});

/** `stamped`, `relayed` and `pruned` are outbox positions; `epoch` counts restores (EXACTLY-ONCE §4). */
export const STATE_NAMES = ['stamped', 'relayed', 'pruned', 'epoch'] as const;
export type StateName = (typeof STATE_NAMES)[number];

export async function readState(db: Queryable, name: StateName): Promise<number> {
  const [row] = await db.select().from(serviceState).where(eq(serviceState.name, name));
  return row?.value ?? 0;
}

/** Reads and locks, until the transaction ends; makes the row when it is not there. */
export async function lockState(tx: Transaction, name: StateName): Promise<number> {
  const lock = (): Promise<{ value: number }[]> =>
    tx.select({ value: serviceState.value }).from(serviceState).where(eq(serviceState.name, name)).for('update');
  const [row] = await lock();
  if (row !== undefined) return row.value;
  await tx.insert(serviceState).values({ name, value: 0 }).onConflictDoNothing();
  return (await lock())[0]?.value ?? 0;
}

/** Moves a number on only from the value that was read: false when someone else has moved it meanwhile. */
export async function advanceState(
  db: Queryable,
  name: StateName,
  step: { from: number; to: number },
): Promise<boolean> {
  const { from, to } = step;
  const at = eq(serviceState.value, from);
  const moved = await (from === 0
    ? // No row stands for 0.
      db
        .insert(serviceState)
        .values({ name, value: to })
        .onConflictDoUpdate({ target: serviceState.name, set: { value: to }, setWhere: at })
        .returning()
    : db
        .update(serviceState)
        .set({ value: to })
        .where(and(eq(serviceState.name, name), at))
        .returning());
  return moved.length === 1;
}
