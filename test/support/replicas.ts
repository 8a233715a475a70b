import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startService } from '#scripts/start/service-process.ts';
import { mintAccessToken, publicHalf } from '#shared/identity/tokens.ts';
import { TestClient } from './client.ts';
import { createDatabase } from './database.ts';
import { freePort } from './free-port.ts';
import { newKeys } from './keys.ts';

const SUBGRAPHS = ['user', 'order', 'inventory', 'notification', 'sync'] as const;
type Subgraph = (typeof SUBGRAPHS)[number];
type Service = Subgraph | 'gateway';

/** One process of a service. */
export interface Replica {
  readonly pid: number;
  /** An anonymous client of this very replica. */
  readonly client: TestClient;
  /** Ends it as a power cut does, and resolves when it has ended. */
  kill(): Promise<void>;
  /** As a machine does that swaps or moves: it neither works nor closes its connections. */
  pause(): void;
  resume(): void;
}

/** Where replicas of services run: processes of their own that share databases, secrets and files, as behind a load balancer. */
export interface ReplicaHouse extends AsyncDisposable {
  readonly databaseUrls: Readonly<Record<Subgraph | 'bus', string>>;
  /** Starts another replica of a service, and resolves when it is ready. The first one of each is the one that other services ask. */
  start(service: Service): Promise<Replica>;
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
  for (const service of SUBGRAPHS) firstPorts.set(service, await freePort());
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
  const start = async (service: Service): Promise<Replica> => {
    const first = firstPorts.get(service);
    firstPorts.delete(service);
    const port = first ?? (await freePort());
    return running.use(await startReplica(service, environment(service, port)));
  };
  const tokenOf = async (id: string): Promise<string> =>
    (await mintAccessToken(keys.jwt, { id, role: 'CUSTOMER' }, new Date())).token;
  return { databaseUrls, start, tokenOf, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function startReplica(
  service: Service,
  environment: Readonly<Record<string, string>>,
): Promise<Replica & AsyncDisposable> {
  const lines: string[] = [];
  const entry = join(ROOT, service === 'gateway' ? 'gateway/main.ts' : `subgraphs/${service}/main.ts`);
  const child = startService({ entry, environment, onLine: (_, line) => void lines.push(line) });
  const ended = child.ended.then((ending) => {
    throw new Error(`${service} ended before it was ready: ${JSON.stringify(ending)}\n${lines.join('\n')}`);
  });
  ended.catch(() => undefined);
  await Promise.race([child.ready, ended]);
  const pid = child.pid ?? 0;
  const kill = async (): Promise<void> => {
    child.kill();
    await child.ended;
  };
  return {
    pid,
    client: new TestClient(`http://127.0.0.1:${environment['PORT']}`),
    kill,
    pause: () => void process.kill(pid, 'SIGSTOP'),
    resume: () => void process.kill(pid, 'SIGCONT'),
    // A paused process is ended too.
    [Symbol.asyncDispose]: kill,
  };
}
