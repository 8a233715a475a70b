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
  tokenOf(id: string, role: 'CUSTOMER' | 'ADMIN'): Promise<string>;
  /** Is every process ready? */
  allReady(): Promise<boolean>;
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
  const logs = join(folder, 'logs');
  await mkdir(logs, { recursive: true });
  const logOf = (name: string): ((line: string) => void) => {
    const stream = createWriteStream(join(logs, `${name}.log`));
    opened.defer(() => void stream.end());
    return (line) => void stream.write(`${line}\n`);
  };
  const names = SERVICES.map(({ name }) => name);
  const roles = [...names.filter((name) => name !== 'gateway').map(databaseOf), BUS_DATABASE];
  const secrets = completeSecrets(undefined, { services: names, roles });
  const options = { superuserPassword: secrets.postgres.superuser, port: port + POSTGRES, log: logOf('postgres') };
  const database = opened.use(await openDatabase({ ...options, directory: await placeCluster(directory) }));
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
  for (const [at, entry] of SERVICES.entries()) {
    const first = port + PROCESSES + at * REPLICAS;
    const ports = Array.from({ length: REPLICAS }, (_, replica) => first + replica);
    const link = opened.use(await openServiceLink(entry, { port, ports, opened }));
    const replicas = ports.map((own, replica) => {
      const name = `${entry.name} ${replica + 1}`;
      const log = logOf(name.replace(' ', '-'));
      return opened.use(
        startReplica({
          name,
          port: own,
          entry: resolve(projectRoot, entry.entry),
          environment: {
            ...environmentOf(entry, system),
            PORT: String(own),
            JWKS_FILE: join(directory.jwksDirectory, `${entry.name}-${replica + 1}.json`),
          },
          onLine: (_, line) => log(line),
        }),
      );
    });
    services.push({ name: entry.name, link, replicas });
  }
  opened.defer(() => stopTogether(services));
  await Promise.all(services.flatMap(({ replicas }) => replicas.map(({ ready }) => ready)));
  const running = opened.move();
  return {
    services,
    database,
    broker,
    links: [...services.map((service) => service.link), ...stores],
    url: `http://${HOST}:${port}`,
    port,
    sources: sourcesOf(database, directory),
    tokenOf: async (id, role) => (await mintAccessToken(secrets.jwtPrivateKey, { id, role }, new Date())).token,
    allReady: async () => {
      const ports = services.flatMap(({ replicas }) => replicas.map((replica) => replica.port));
      return (await Promise.all(ports.map(isReady))).every(Boolean);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
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

interface Placed {
  /** The gateway's. */
  readonly port: number;
  readonly ports: readonly number[];
  readonly opened: AsyncDisposableStack;
}

async function openServiceLink({ name, portOffset }: ServiceEntry, { port, ports, opened }: Placed): Promise<Link> {
  let link: Link | undefined;
  const servers = opened.use(watchServers(ports, (down) => link?.cut(down)));
  link = await openLink({ name, port: port + portOffset, servers: servers.next });
  return link;
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
