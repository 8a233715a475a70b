import connect, { type Sql } from 'postgres';

/** A database with a role of the same name that owns it; nobody else may connect. */
export interface DatabaseEntry {
  readonly name: string;
  readonly password: string;
}

/** The database and role of a service. */
export function databaseOf(service: string): string {
  return `lockstep_${service}`;
}

/** The embedded event bus, which every service writes to. */
export const BUS_DATABASE = databaseOf('bus');

/** Makes what is missing and sets every password; may be run again, also after an interruption. Needs a superuser's URL. */
export async function ensureDatabases(superuserUrl: string, entries: readonly DatabaseEntry[]): Promise<void> {
  const sql = connect(superuserUrl, { max: 1, onnotice: () => undefined });
  try {
    const roles = namesIn(await sql<Named[]>`select rolname as name from pg_roles`);
    const databases = namesIn(await sql<Named[]>`select datname as name from pg_database`);
    for (const entry of entries) {
      await ensureRole(sql, entry, roles.has(entry.name));
      if (!databases.has(entry.name)) await sql`create database ${sql(entry.name)} owner ${sql(entry.name)}`;
      await sql`revoke connect on database ${sql(entry.name)} from public`;
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
}

interface Named {
  readonly name: string;
}

function namesIn(rows: readonly Named[]): ReadonlySet<string> {
  return new Set(rows.map(({ name }) => name));
}

async function ensureRole(sql: Sql, { name, password }: DatabaseEntry, exists: boolean): Promise<void> {
  const verb = exists ? 'alter' : 'create';
  // Utility statements take no parameters.
  await sql.unsafe(`${verb} role "${name}" login password '${password.replaceAll("'", "''")}'`);
}
