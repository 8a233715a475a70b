import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { openDataDirectory, type DataDirectory } from '../start/data-directory.ts';
import { BUS_DATABASE, databaseOf } from '../start/databases.ts';
import { HOST, postgresPort } from '../start/ports.ts';
import { clusterExists } from '../start/postgres-cluster.ts';
import { placeCluster } from '../start/postgres-place.ts';
import { openPostgres } from '../start/postgres.ts';
import { readSecrets, type Secrets } from '../start/secrets.ts';
import { StartProblem } from '../start/start-problem.ts';
import { VerifyProblem } from './arguments.ts';
import { SERVICES, type ServiceName } from './durables.ts';
import type { Sources } from './sources.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A system's sources, for as long as they are held. */
export interface HeldSources extends AsyncDisposable {
  readonly sources: Sources;
  /** How they were come by, for the person at the terminal. */
  readonly told: string;
}

const urlVariable = (service: ServiceName): string => `${service.toUpperCase()}_DATABASE_URL`;

/** The sources that the environment names; undefined when it names no database. Throws a {@link VerifyProblem} when it names only some, or two buses. */
export function sourcesIn(environment: Environment): Sources | undefined {
  const given = SERVICES.map((service) => [service, environment[urlVariable(service)] || undefined] as const);
  if (given.every(([, url]) => url === undefined)) return undefined;
  const missing = given.flatMap(([service, url]) => (url === undefined ? [urlVariable(service)] : []));
  if (missing.length > 0) throw new VerifyProblem(`The environment lacks ${missing.join(', ')}.`);
  const urls = Object.fromEntries(given) as Record<ServiceName, string>;
  const [bus, natsUrl] = [environment['BUS_DATABASE_URL'] || undefined, environment['NATS_URL'] || undefined];
  if (bus !== undefined && natsUrl !== undefined)
    throw new VerifyProblem('The environment names two buses: BUS_DATABASE_URL and NATS_URL.');
  return {
    databaseUrls: { ...urls, bus },
    natsUrl,
    mongodbUrl: environment['MONGODB_URL'] || undefined,
    oracleFile: environment['ORACLE_SQLITE_FILE'] || undefined,
  };
}

/**
 * The sources of a system that npm start has made. One that runs is read as it runs; of one that is stopped, the data directory is locked
 * and PostgreSQL runs until they are disposed of. Throws a `StartProblem` or {@link VerifyProblem} when neither is possible.
 */
export async function sourcesOf(path: string, environment: Environment): Promise<HeldSources> {
  const secrets = existsSync(path) ? await readSecrets(join(path, 'secrets.json')) : undefined;
  if (secrets === undefined) throw new VerifyProblem(`There is no system in ${path}; name its folder with --data-dir.`);
  const port = await freePort();
  const directory = await takeDirectory(path, port);
  const named = { secrets, environment, oracleFile: join(path, 'oracle.sqlite') };
  if (directory === undefined) {
    const runsAt = await runningPort(path);
    const sources = sourcesFrom({ ...named, port: postgresPort(runsAt) });
    return { sources, told: `the system that runs on port ${runsAt}`, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  await using opened = new AsyncDisposableStack();
  opened.use(directory);
  const cluster = await placeCluster(directory);
  if (!(await clusterExists(cluster))) throw new VerifyProblem(`There is no database in ${path}.`);
  opened.use(
    await openPostgres({
      directory: cluster,
      port,
      superuserPassword: secrets.postgres.superuser,
      // What PostgreSQL would write by itself changes nothing that is checked; this way it hardly writes at all.
      settings: { default_transaction_read_only: 'on', autovacuum: 'off' },
    }),
  );
  const held = opened.move();
  return {
    sources: sourcesFrom({ ...named, port }),
    told: `the stopped system in ${path}`,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Undefined when a running system holds it. */
async function takeDirectory(path: string, port: number): Promise<DataDirectory | undefined> {
  try {
    return await openDataDirectory(path, port);
  } catch (error) {
    const SQLITE_BUSY = 5;
    const { cause } = error instanceof StartProblem ? error : { cause: undefined };
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}

async function runningPort(path: string): Promise<number> {
  try {
    const text = await readFile(join(path, 'lock.json'), 'utf8');
    return z.object({ port: z.number() }).parse(JSON.parse(text)).port;
  } catch (error) {
    throw new VerifyProblem(`${path} is held by a system that does not say on which port it runs.`, { cause: error });
  }
}

interface Named {
  readonly secrets: Secrets;
  readonly environment: Environment;
  readonly oracleFile: string;
  /** PostgreSQL's. */
  readonly port: number;
}

/** Each database is read as the service itself would, with no more rights. */
function sourcesFrom({ secrets, environment, oracleFile, port }: Named): Sources {
  const url = (database: string): string => {
    const password = secrets.postgres.roles[database] ?? '';
    return `postgres://${database}:${encodeURIComponent(password)}@${HOST}:${port}/${database}`;
  };
  const urls = Object.fromEntries(SERVICES.map((service) => [service, url(databaseOf(service))]));
  return {
    databaseUrls: { ...(urls as Record<ServiceName, string>), bus: url(BUS_DATABASE) },
    natsUrl: environment['NATS_URL'] || undefined,
    mongodbUrl: environment['MONGODB_URL'] || undefined,
    // With an Oracle, the file is what was left when it took over.
    oracleFile: !environment['ORACLE_URL'] && existsSync(oracleFile) ? oracleFile : undefined,
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, HOST, resolve);
    });
    const address = server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  } finally {
    server.close();
  }
}
