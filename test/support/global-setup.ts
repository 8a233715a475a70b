import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { locatePostgres } from '#scripts/start/postgres-binaries.ts';
import { freePort } from './free-port.ts';
import { openPostgres } from '#scripts/start/postgres.ts';
import { requirement } from './requirements.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A superuser's URL on the run's own PostgreSQL; empty when there is none. */
    postgresUrl: string;
  }
}

const opened = new AsyncDisposableStack();

/** Starts one PostgreSQL for the whole run; each test makes databases of its own in it. */
export async function setup({ provide }: TestProject): Promise<void> {
  if (!requirement('postgres', locatePostgres())) return provide('postgresUrl', '');
  const directory = await mkdtemp(join(tmpdir(), 'lockstep-test-postgres-'));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  // Tests survive no power loss, so nothing waits for the disk.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '400' };
  const postgres = opened.use(await openPostgres({ directory, port: await freePort(), settings }));
  return provide('postgresUrl', postgres.url('postgres'));
}

export async function teardown(): Promise<void> {
  await opened.disposeAsync();
}
