import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BUS_DATABASE, databaseOf } from '#scripts/start/databases.ts';
import { postgresPort } from '#scripts/start/ports.ts';
import { TestClient } from '../support/client.ts';
import type { Sources } from '#scripts/verify/sources.ts';
import type { Started } from './start-driver.ts';
import type { Fixture } from './start-fixture.ts';

type Run = Pick<Fixture, 'data' | 'port'>;

/** A client of a started system's gateway, signed in with what the data directory says of the admin. */
export async function signInAsAdmin({ data, port }: Run): Promise<TestClient> {
  const client = new TestClient(`http://127.0.0.1:${port}`);
  const input = JSON.parse(await readFile(join(data, 'admin.json'), 'utf8')) as unknown;
  const { login } = await client.ask('mutation ($input: LoginInput!) { login(input: $input) { token } }', { input });
  return client.as(login.token);
}

/** Where a started system keeps its rows. */
export async function placesOf({
  data,
  port,
}: Run): Promise<Sources & { readonly databaseUrls: { readonly bus: string } }> {
  const { postgres } = JSON.parse(await readFile(join(data, 'secrets.json'), 'utf8')) as {
    postgres: { superuser: string };
  };
  const url = (database: string): string =>
    `postgres://postgres:${postgres.superuser}@127.0.0.1:${postgresPort(port)}/${database}`;
  return {
    databaseUrls: {
      user: url(databaseOf('user')),
      order: url(databaseOf('order')),
      inventory: url(databaseOf('inventory')),
      notification: url(databaseOf('notification')),
      sync: url(databaseOf('sync')),
      bus: url(BUS_DATABASE),
    },
    oracleFile: join(data, 'oracle.sqlite'),
  };
}

/** The operation that the panel invites to paste. */
export function pastedOperation(system: Started): string {
  const [operation = ''] = /^ *mutation \{ registerUser.*\}$/mu.exec(system.output()) ?? [];
  return operation;
}

/** What the embedded system of record holds of a user. */
export function replicaOf(data: string, email: string): unknown {
  using oracle = new DatabaseSync(join(data, 'oracle.sqlite'), { readOnly: true });
  return oracle.prepare('SELECT first_name, last_name, version FROM users WHERE email = ?').get(email);
}
