import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startService, type ServiceProcess } from '#scripts/start/service-process.ts';
import { mintAccessToken, publicHalf } from '#shared/identity/tokens.ts';
import { TestClient } from './client.ts';
import { createDatabase } from './database.ts';
import { steadyPort } from './free-port.ts';
import { newKeys } from './keys.ts';

const SUBGRAPHS = ['user', 'order', 'inventory', 'notification', 'sync'] as const;
type Subgraph = (typeof SUBGRAPHS)[number];
type Service = Subgraph | 'gateway';

/** One process of a service, and those that take its place. */
export interface Replica {
  /** Of the present process. */
  readonly pid: number;
  /** An anonymous client of this very replica. */
  readonly client: TestClient;
  /** Ends it as a power cut does, and resolves when it has ended. */
  kill(): Promise<void>;
  /** Starts another process in the place of the one that was killed, at the same port; resolves when it is ready. */
  restart(): Promise<void>;
  /** As a machine does that swaps or moves: it neither works nor closes its connections. */
  pause(): void;
  resume(): void;
}

/** Where replicas of services run: processes of their own that share databases, secrets and files, as behind a load balancer. */
export interface ReplicaHouse extends AsyncDisposable {
  readonly databaseUrls: Readonly<Record<Subgraph | 'bus', string>>;
  /** Starts another replica of a service, and resolves when it is ready. The first one of each is the one that other services ask. */
  start(service: Service): Promise<Replica>;
  /** With what environment variables another replica of a service starts, when a test starts its process itself. */
  environmentOf(service: Service): Promise<Readonly<Record<string, string>>>;
  /** An access token of a customer. */
  tokenOf(userId: string): Promise<string>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export async function openReplicaHouse(): Promise<ReplicaHouse> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-replicas-'));
  opened.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const database = async (): Promise<string> => opened.use(await createDatabase()).url;
  const named = async <Name extends string>(name: Name): Promise<[Name, string]> => [name, await database()];
  const databaseUrls = Object.fromEntries(
    await Promise.all([...SUBGRAPHS, 'bus' as const].map(named)),
  ) as ReplicaHouse['databaseUrls'];
  const keys = newKeys();
  const jwksFile = join(folder, 'jwks.json');
  await writeFile(jwksFile, JSON.stringify({ keys: [publicHalf(keys.jwt)] }));
  const firstPorts = new Map<Service, number>();
  for (const service of SUBGRAPHS) firstPorts.set(service, await steadyPort());
  const urls = [...firstPorts].map(([name, port]) => [`${name.toUpperCase()}_URL`, `http://127.0.0.1:${port}/graphql`]);
  const environment = (service: Service, port: number): Record<string, string> => ({
    PORT: String(port),
    NODE_ENV: 'test',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'fatal',
    SERVICE_PRIVATE_KEY: JSON.stringify(keys.services[service]),
    SERVICE_PUBLIC_KEYS: JSON.stringify(keys.publicServiceKeys),
    JWKS_URL: 'http://127.0.0.1:1/unused',
    JWKS_FILE: jwksFile,
    DATABASE_URL: service === 'gateway' ? '' : databaseUrls[service],
    BUS_DATABASE_URL: databaseUrls.bus,
    IDEMPOTENCY_SECRET: 'a secret that is only good enough for tests',
    JWT_PRIVATE_KEY: JSON.stringify(keys.jwt),
    ADMIN_EMAIL: 'admin@lockstep.example',
    ADMIN_PASSWORD: 'the admin of the tests',
    ORACLE_SQLITE_FILE: join(folder, 'oracle.sqlite'),
    MAIL_FOLDER: join(folder, 'mail'),
    ...(Object.fromEntries(urls) as Record<string, string>),
  });
  const running = opened.move();
  const environmentOf = async (service: Service): Promise<Record<string, string>> => {
    const first = firstPorts.get(service);
    firstPorts.delete(service);
    return environment(service, first ?? (await steadyPort()));
  };
  const start = async (service: Service): Promise<Replica> =>
    running.use(await startReplica(service, await environmentOf(service)));
  const tokenOf = async (id: string): Promise<string> =>
    (await mintAccessToken(keys.jwt, { id, role: 'CUSTOMER' }, new Date())).token;
  return { databaseUrls, start, environmentOf, tokenOf, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function startReplica(
  service: Service,
  environment: Readonly<Record<string, string>>,
): Promise<Replica & AsyncDisposable> {
  let child = await startProcess(service, environment);
  const kill = async (): Promise<void> => {
    child.kill();
    await child.ended;
  };
  return {
    get pid() {
      return child.pid ?? 0;
    },
    client: new TestClient(`http://127.0.0.1:${environment['PORT']}`),
    kill,
    restart: async () => {
      child = await startProcess(service, environment);
    },
    pause: () => void process.kill(child.pid ?? 0, 'SIGSTOP'),
    resume: () => void process.kill(child.pid ?? 0, 'SIGCONT'),
    // A paused process is ended too.
    [Symbol.asyncDispose]: kill,
  };
}

async function startProcess(service: Service, environment: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const lines: string[] = [];
  const entry = join(ROOT, service === 'gateway' ? 'gateway/main.ts' : `subgraphs/${service}/main.ts`);
  const child = startService({ entry, environment, onLine: (_, line) => void lines.push(line) });
  const ended = child.ended.then((ending) => {
    throw new Error(`${service} ended before it was ready: ${JSON.stringify(ending)}\n${lines.join('\n')}`);
  });
  ended.catch(() => undefined);
  await Promise.race([child.ready, ended]);
  return child;
}
