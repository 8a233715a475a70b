import { and, desc, eq, getTableColumns, ilike, inArray, lt, or, sql, type SQL } from 'drizzle-orm';
import type { PageRequest } from '#shared/graphql/connection.ts';
import type { Role } from '#shared/identity/viewer.ts';
import { violatedUniqueConstraint, type Queryable, type Transaction } from '#shared/store/postgres.ts';
import type { User, UserStatus } from '../domain/user.ts';
import { users } from './tables.ts';

/** The password hash leaves this file only by {@link findCredentials}. */
const { passwordHash: _, ...columns } = getTableColumns(users);

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Those users of `ids` that exist, in no particular order. */
export async function findUsers(db: Queryable, ids: readonly string[]): Promise<User[]> {
  const possible = ids.filter((id) => UUID.test(id));
  return possible.length === 0 ? [] : db.select(columns).from(users).where(inArray(users.id, possible));
}

/** Reads a user and keeps it from changing until the transaction ends. */
export async function lockUser(tx: Transaction, id: string): Promise<User | undefined> {
  if (!UUID.test(id)) return undefined;
  const [user] = await tx.select(columns).from(users).where(eq(users.id, id)).for('update');
  return user;
}

/** The user with this e-mail in any case, with the hash of their password. */
export async function findCredentials(
  db: Queryable,
  email: string,
): Promise<{ user: User; passwordHash: string } | undefined> {
  // PostgreSQL takes no NUL, so nobody's e-mail has one.
  if (email.includes('\0')) return undefined;
  const [row] = await db
    .select()
    .from(users)
    .where(eq(sql`lower(${users.email})`, email.toLowerCase()));
  if (row === undefined) return undefined;
  const { passwordHash, ...user } = row;
  return { user, passwordHash };
}

export interface UserQuery {
  readonly status?: UserStatus | null | undefined;
  readonly role?: Role | null | undefined;
  /** Part of a name or e-mail, in any case. */
  readonly search?: string | null | undefined;
}

/** A page of users, newest first; `after` is the id of the last one seen (UUIDv7 ids follow time). */
export async function listUsers(db: Queryable, query: UserQuery, page: PageRequest): Promise<User[]> {
  return db
    .select(columns)
    .from(users)
    .where(
      and(
        page.after === undefined ? undefined : lt(users.id, page.after),
        query.status == null ? undefined : eq(users.status, query.status),
        query.role == null ? undefined : eq(users.role, query.role),
        query.search == null ? undefined : contains(query.search),
      ),
    )
    .orderBy(desc(users.id))
    .limit(page.limit);
}

function contains(search: string): SQL | undefined {
  const pattern = `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return or(ilike(sql`${users.firstName} || ' ' || ${users.lastName}`, pattern), ilike(users.email, pattern));
}

export type Taken = 'EMAIL_TAKEN' | 'MOBILE_TAKEN';

export function insertUser(tx: Transaction, user: User, passwordHash: string): Promise<Taken | undefined> {
  return orTaken(tx, (inner) => inner.insert(users).values({ ...user, passwordHash }));
}

/** Writes the new version of a user that this transaction has locked. */
export function updateUser(tx: Transaction, user: User): Promise<Taken | undefined> {
  return orTaken(tx, (inner) => inner.update(users).set(user).where(eq(users.id, user.id)));
}

const TAKEN: Readonly<Record<string, Taken>> = { users_email: 'EMAIL_TAKEN', users_mobile: 'MOBILE_TAKEN' };

/** Writes behind a savepoint, so that a uniqueness refusal leaves the transaction usable: the refusal itself is to be stored. */
async function orTaken(tx: Transaction, write: (inner: Transaction) => Promise<unknown>): Promise<Taken | undefined> {
  try {
    await tx.transaction(write);
    return undefined;
  } catch (error) {
    const taken = TAKEN[violatedUniqueConstraint(error) ?? ''];
    if (taken === undefined) throw error;
    return taken;
  }
}
