import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { locatePostgres } from '#scripts/start/postgres-binaries.ts';
import { locateFerretdb, startFerretdb } from './ferretdb.ts';
import { freePort } from './free-port.ts';
import { openPostgres } from '#scripts/start/postgres.ts';
import { requirement } from './requirements.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A superuser's URL on the run's own PostgreSQL; empty when there is none. */
    postgresUrl: string;
    /** A URL of MongoDB, or of a server compatible with it; empty when there is none. */
    mongodbUrl: string;
  }
}

const opened = new AsyncDisposableStack();

/** Starts one server of each kind for the whole run; each test makes databases of its own in it. */
export async function setup({ provide }: TestProject): Promise<void> {
  provide('postgresUrl', await startPostgres());
  provide('mongodbUrl', await findMongodb());
}

async function startPostgres(): Promise<string> {
  if (!requirement('postgres', locatePostgres())) return '';
  const directory = await newFolder('lockstep-test-postgres-');
  // Tests survive no power loss, so nothing waits for the disk.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '400' };
  const postgres = opened.use(await openPostgres({ directory, port: await freePort(), settings }));
  return postgres.url('postgres');
}

async function findMongodb(): Promise<string> {
  const given = process.env['MONGODB_URL'] || undefined;
  const program = locateFerretdb();
  if (!requirement('mongodb', given ?? program)) return '';
  if (given !== undefined || program === undefined) return given ?? '';
  const folder = await newFolder('lockstep-test-mongodb-');
  const ferretdb = opened.use(await startFerretdb(program, folder));
  return ferretdb.url;
}

async function newFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function teardown(): Promise<void> {
  await opened.disposeAsync();
}
