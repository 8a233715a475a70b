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

export type ReplicatedService = 'user' | 'order' | 'inventory';

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
  readonly databaseUrls: Readonly<Record<ReplicatedService | 'bus', string>>;
  /** Starts another replica of a service, and resolves when it is ready. */
  start(service: ReplicatedService): Promise<Replica>;
  /** An access token of a customer. */
  tokenOf(userId: string): Promise<string>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export async function openReplicaHouse(): Promise<ReplicaHouse> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-replicas-'));
  opened.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const database = async (): Promise<string> => opened.use(await createDatabase()).url;
  const [user, order, inventory, bus] = await Promise.all([database(), database(), database(), database()]);
  const databaseUrls = { user, order, inventory, bus };
  const keys = newKeys();
  const jwksFile = join(folder, 'jwks.json');
  await writeFile(jwksFile, JSON.stringify({ keys: [publicHalf(keys.jwt)] }));
  const inventoryPort = await freePort();
  const environment = (service: ReplicatedService, port: number): Record<string, string> => ({
    PORT: String(port),
    NODE_ENV: 'test',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'fatal',
    SERVICE_PRIVATE_KEY: JSON.stringify(keys.services[service]),
    SERVICE_PUBLIC_KEYS: JSON.stringify(keys.publicServiceKeys),
    JWKS_URL: 'http://127.0.0.1:1/unused',
    JWKS_FILE: jwksFile,
    DATABASE_URL: databaseUrls[service],
    BUS_DATABASE_URL: bus,
    IDEMPOTENCY_SECRET: 'a secret that is only good enough for tests',
    JWT_PRIVATE_KEY: JSON.stringify(keys.jwt),
    ADMIN_EMAIL: 'admin@lockstep.example',
    ADMIN_PASSWORD: 'the admin of the tests',
    INVENTORY_URL: `http://127.0.0.1:${inventoryPort}/graphql`,
  });
  const running = opened.move();
  /** The first replica of inventory is the one that orders ask. */
  const ports: Partial<Record<ReplicatedService, number[]>> = { inventory: [inventoryPort] };
  const start = async (service: ReplicatedService): Promise<Replica> => {
    const port = ports[service]?.pop() ?? (await freePort());
    return running.use(await startReplica(service, environment(service, port)));
  };
  const tokenOf = async (id: string): Promise<string> =>
    (await mintAccessToken(keys.jwt, { id, role: 'CUSTOMER' }, new Date())).token;
  return { databaseUrls, start, tokenOf, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function startReplica(
  service: ReplicatedService,
  environment: Readonly<Record<string, string>>,
): Promise<Replica & AsyncDisposable> {
  const lines: string[] = [];
  const entry = join(ROOT, `subgraphs/${service}/main.ts`);
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
