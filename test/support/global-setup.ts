import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { locatePostgres } from '#scripts/start/postgres-binaries.ts';
import { locateFerretdb, startFerretdb } from './ferretdb.ts';
import { freePort } from './free-port.ts';
import { locateNatsServers, type NatsProgram } from './nats-server.ts';
import { openPostgres } from '#scripts/start/postgres.ts';
import { requirement } from './requirements.ts';
import { openRunFolder } from './run-folder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A superuser's URL on the run's own PostgreSQL; empty when there is none. */
    postgresUrl: string;
    /** A URL of MongoDB, or of a server compatible with it; empty when there is none. */
    mongodbUrl: string;
    /** The NATS servers that are here, the current one first; each test starts its own. */
    natsPrograms: readonly NatsProgram[];
    /** A folder on the disk that this run does not remove, for what a failure leaves to be looked at. */
    lastingFolder: string;
  }
}

const opened = new AsyncDisposableStack();

/** Starts one server of each kind for the whole run; each test makes databases of its own in it. */
export async function setup({ provide }: TestProject): Promise<void> {
  provide('lastingFolder', tmpdir());
  opened.use(await openRunFolder());
  provide('postgresUrl', await startPostgres());
  provide('mongodbUrl', await findMongodb());
  provide('natsPrograms', findNats());
}

async function startPostgres(): Promise<string> {
  if (!requirement('postgres', locatePostgres())) return '';
  const directory = await newFolder('lockstep-test-postgres-');
  // Tests survive no power loss, so nothing waits for the disk, and little is kept for a crash.
  const durability = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_wal_size: '256MB' };
  const settings = { ...durability, max_connections: '400' };
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

/** The current server must be there; an older one, as Debian has it, is tested too where it is installed. */
function findNats(): readonly NatsProgram[] {
  const { current, older } = locateNatsServers();
  if (!requirement('nats', current)) return [];
  if (older === undefined) console.error('SKIPPED: the bus on an older NATS server (no nats-server on PATH)');
  return [current, older].filter((program) => program !== undefined);
}

async function newFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function teardown(): Promise<void> {
  await opened.disposeAsync();
}
