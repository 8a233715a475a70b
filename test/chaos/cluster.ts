import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { mintAccessToken } from '#shared/identity/tokens.ts';
import { BUS_DATABASE, databaseOf, ensureDatabases } from '#scripts/start/databases.ts';
import { openDataDirectory, type DataDirectory } from '#scripts/start/data-directory.ts';
import { placeCluster } from '#scripts/start/postgres-place.ts';
import { HOST, requireFreePorts } from '#scripts/start/ports.ts';
import { completeSecrets } from '#scripts/start/secrets.ts';
import { environmentOf, type System } from '#scripts/start/service-environment.ts';
import { SERVICES, type ServiceEntry } from '#scripts/start/services.ts';
import type { Sources } from '#scripts/verify/sources.ts';
import type { NatsProgram } from '../support/nats-server.ts';
import { projectRoot } from '../support/planted-tree.ts';
import { openBroker, type Broker } from './broker.ts';
import { openDatabase, type Database } from './database.ts';
import { openLink, type Link } from './link.ts';
import { startReplica, type Replica } from './replica.ts';
import { watchServers } from './servers.ts';

/** A service: the processes that share its database, and the link by which everybody reaches one of them. */
export interface Service {
  readonly name: string;
  readonly link: Link;
  readonly replicas: readonly Replica[];
}

/** The distributed system on one machine: two processes of every service, PostgreSQL and NATS, each behind a link that can go wrong. */
export interface Cluster extends AsyncDisposable {
  readonly services: readonly Service[];
  readonly database: Database;
  readonly broker: Broker;
  /** Every link: to the services, to PostgreSQL and to NATS. */
  readonly links: readonly Link[];
  /** Where clients ask, over the gateway's link. */
  readonly url: string;
  readonly port: number;
  /** Where the rows are, past the links. */
  readonly sources: Sources;
  readonly tokenOf: (id: string, role: 'CUSTOMER' | 'ADMIN') => Promise<string>;
  /** Is every process ready? */
  readonly allReady: () => Promise<boolean>;
}

interface ClusterOptions {
  /** Whose logs and data stay when the cluster is closed. */
  readonly folder: string;
  readonly nats: NatsProgram;
}

const REPLICAS = 2;
/** What a port is for, above the first: the links to the services come first, as a gateway's companions do. */
const POSTGRES = SERVICES.length;
const POSTGRES_LINK = POSTGRES + 1;
const NATS = POSTGRES_LINK + 1;
const NATS_LINK = NATS + 1;
const PROCESSES = NATS_LINK + 1;
const PORTS = PROCESSES + SERVICES.length * REPLICAS;

export async function openCluster({ folder, nats }: ClusterOptions): Promise<Cluster> {
  await using opened = new AsyncDisposableStack();
  const port = await freeBlock();
  const directory = opened.use(await openDataDirectory(join(folder, 'data'), port));
  const logOf = await openLogs(join(folder, 'logs'), opened);
  const secrets = newSecrets();
  const database = opened.use(
    await openDatabase({
      directory: await placeCluster(directory),
      port: port + POSTGRES,
      superuserPassword: secrets.postgres.superuser,
      log: logOf('postgres'),
    }),
  );
  const entries = Object.entries(secrets.postgres.roles).map(([name, password]) => ({ name, password }));
  await ensureDatabases(database.url('postgres'), entries);
  const broker = opened.use(await openBroker(nats, port + NATS));
  const link = async (name: string, at: number, server: number): Promise<Link> =>
    opened.use(await openLink({ name, port: port + at, servers: () => [port + server] }));
  const stores = [await link('PostgreSQL', POSTGRES_LINK, POSTGRES), await link('NATS', NATS_LINK, NATS)];
  const system: System = {
    gatewayPort: port,
    directory,
    secrets,
    services: SERVICES,
    given: { NODE_ENV: 'test', LOG_LEVEL: 'warn', SYNC_INTERVAL: '1', NATS_URL: `nats://${HOST}:${port + NATS_LINK}` },
    postgres: { url: (name, user = '', password = '') => urlOf(name, { user, password, port: port + POSTGRES_LINK }) },
  };
  const services: Service[] = [];
  for (const entry of SERVICES) services.push(await openService(entry, { system, opened, logOf }));
  opened.defer(() => stopTogether(services));
  const replicas = services.flatMap((service) => service.replicas);
  await Promise.all(replicas.map(({ ready }) => ready));
  const running = opened.move();
  return {
    services,
    database,
    broker,
    links: [...services.map((service) => service.link), ...stores],
    url: `http://${HOST}:${port}`,
    port,
    sources: { ...sourcesOf(database, directory), natsUrl: `nats://${HOST}:${port + NATS}` },
    tokenOf: async (id, role) => (await mintAccessToken(secrets.jwtPrivateKey, { id, role }, new Date())).token,
    allReady: async () => (await Promise.all(replicas.map((replica) => isReady(replica.port)))).every(Boolean),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function newSecrets(): System['secrets'] {
  const names = SERVICES.map(({ name }) => name);
  const roles = names.filter((name) => name !== 'gateway').map(databaseOf);
  return completeSecrets(undefined, { services: names, roles: [...roles, BUS_DATABASE] });
}

/** Takes the lines of whoever is named, into a file of its own. */
type LogOf = (name: string) => (line: string) => void;

async function openLogs(folder: string, opened: AsyncDisposableStack): Promise<LogOf> {
  await mkdir(folder, { recursive: true });
  return (name) => {
    const stream = createWriteStream(join(folder, `${name}.log`));
    opened.defer(() => void stream.end());
    return (line) => void stream.write(`${line}\n`);
  };
}

interface ServiceOptions {
  readonly system: System;
  readonly opened: AsyncDisposableStack;
  readonly logOf: LogOf;
}

async function openService(entry: ServiceEntry, { system, opened, logOf }: ServiceOptions): Promise<Service> {
  const first = system.gatewayPort + PROCESSES + entry.portOffset * REPLICAS;
  const ports = Array.from({ length: REPLICAS }, (_, at) => first + at);
  const port = system.gatewayPort + entry.portOffset;
  const link: Link = opened.use(await openLink({ name: entry.name, port, servers: () => servers.next() }));
  const servers = opened.use(watchServers(ports, (down) => link.cut(down)));
  const replicas = ports.map((own, at) => {
    const name = `${entry.name}-${at + 1}`;
    const log = logOf(name);
    const environment = {
      ...environmentOf(entry, system),
      PORT: String(own),
      JWKS_FILE: join(system.directory.jwksDirectory, `${name}.json`),
    };
    const options = { name, port: own, environment, entry: resolve(projectRoot, entry.entry) };
    return opened.use(startReplica({ ...options, onLine: (_, line) => log(line) }));
  });
  return { name: entry.name, link, replicas };
}

/** The gateways drain before the subgraphs that they call. */
async function stopTogether(services: readonly Service[]): Promise<void> {
  const stop = (wanted: (name: string) => boolean): Promise<unknown> =>
    Promise.all(
      services
        .filter(({ name }) => wanted(name))
        .flatMap(({ replicas }) => replicas.map((replica) => replica[Symbol.asyncDispose]())),
    );
  await stop((name) => name === 'gateway');
  await stop((name) => name !== 'gateway');
}

/** Below the range from which the system takes ports for connections: a killed server's port must stay its own. */
async function freeBlock(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const ports = Array.from({ length: PORTS }, (_, at) => ({ name: 'cluster', port: port + at }));
    const free = await requireFreePorts(ports, 0).then(
      () => true,
      () => false,
    );
    if (free) return port;
  }
}

interface Account {
  readonly user: string;
  readonly password: string;
  readonly port: number;
}

function urlOf(database: string, { user, password, port }: Account): string {
  return `postgres://${user}:${encodeURIComponent(password)}@${HOST}:${port}/${database}`;
}

function sourcesOf(database: Database, { oracleFile }: DataDirectory): Sources {
  const url = (service: string): string => database.url(databaseOf(service));
  return {
    databaseUrls: {
      user: url('user'),
      order: url('order'),
      inventory: url('inventory'),
      notification: url('notification'),
      sync: url('sync'),
    },
    oracleFile,
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://${HOST}:${port}/health/ready`, { signal: AbortSignal.timeout(3_000) });
    const { status } = (await response.json()) as { status: string };
    return response.ok && status === 'ok';
  } catch {
    return false;
  }
}
