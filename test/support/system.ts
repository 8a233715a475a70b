import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { GatewayConfig } from '#gateway/config.ts';
import { startGateway } from '#gateway/main.ts';
import { serviceTokens } from '#shared/identity/tokens.ts';
import type { RunningService } from '#shared/process.ts';
import { startInventory } from '#inventory/main.ts';
import { startNotification } from '#notification/main.ts';
import { startOrder } from '#order/main.ts';
import { startSync } from '#sync/main.ts';
import { startUser } from '#user/main.ts';
import { TestClient } from './client.ts';
import { createDatabase, type Schema } from './database.ts';
import { gatewayDefaults } from './gateway-defaults.ts';
import { newKeys, type Keys } from './keys.ts';

export const ADMIN = { email: 'admin@lockstep.example', password: 'the admin of the tests' };
const SECRET = 'a secret that is only good enough for tests';
const SUPERGRAPH = fileURLToPath(new URL('../../supergraph.graphql', import.meta.url));

/** The services of one system in this process, on ports and databases of their own. */
export interface System extends AsyncDisposable {
  readonly user: RunningService;
  readonly order: RunningService;
  readonly inventory: RunningService;
  readonly notification: RunningService;
  readonly sync: RunningService;
  readonly gateway: RunningService;
  /** An anonymous client of the gateway. */
  readonly client: TestClient;
  readonly keys: Keys;
  /** The file of the embedded system of record. */
  readonly oracleFile: string;
  /** Where e-mails arrive, unless an SMTP server takes them. */
  readonly mailFolder: string;
  readonly databaseUrls: Readonly<Record<'user' | 'order' | 'inventory' | 'notification' | 'sync' | 'bus', string>>;
  /** A client of the gateway as the first admin. */
  admin(): Promise<TestClient>;
  /** A client of the gateway, or of the service with this base URL, as another service acting for itself. */
  asService(url?: string): Promise<TestClient>;
  /** Another replica of the user service, on the same database. */
  secondUser(): Promise<RunningService>;
  /** Another replica of the notification service, on the same stores. */
  secondNotification(): Promise<RunningService>;
}

export interface SystemOptions {
  /** What differs from the defaults. */
  readonly gateway?: Partial<GatewayConfig>;
  readonly syncIntervalSeconds?: number;
  /** Where notifications are kept; in PostgreSQL when left out. */
  readonly mongodbUrl?: string;
  /** The event bus; in PostgreSQL when left out. */
  readonly natsUrl?: string;
  /** How long readers wait for a user's event. */
  readonly profileWaitMs?: number;
  /** What stands between order and inventory: is given inventory's base URL and answers with its own. */
  readonly beforeInventory?: (url: string) => Promise<string>;
  /** What takes e-mail; a folder when left out. */
  readonly smtpUrl?: string;
}

/** Starts every subgraph, and the gateway. */
export async function openSystem(options: SystemOptions = {}): Promise<System> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const database = async (schema: Schema): Promise<string> => opened.use(await createDatabase(schema)).url;
  const [userUrl, orderUrl, inventoryUrl, notificationUrl, syncUrl, busUrl] = await Promise.all([
    database('user'),
    database('order'),
    database('inventory'),
    database('notification'),
    database('sync'),
    database('bus'),
  ]);
  const keys = newKeys();
  const oracleFile = join(folder, 'oracle.sqlite');
  const mailFolder = join(folder, 'mail');
  const common = {
    PORT: 0,
    NODE_ENV: 'test',
    LOG_LEVEL: (process.env['LOG_LEVEL'] ?? 'fatal') as GatewayConfig['LOG_LEVEL'],
    SERVICE_PUBLIC_KEYS: keys.publicServiceKeys,
    JWKS_FILE: undefined,
    IDEMPOTENCY_SECRET: SECRET,
    BUS_DATABASE_URL: options.natsUrl === undefined ? busUrl : undefined,
    NATS_URL: options.natsUrl,
  };
  const userConfig = {
    ...common,
    SERVICE_PRIVATE_KEY: keys.services.user,
    JWKS_URL: 'http://127.0.0.1:1/unused',
    DATABASE_URL: userUrl,
    JWT_PRIVATE_KEY: keys.jwt,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  };
  const user = opened.use(await startUser(userConfig));
  const JWKS_URL = `${user.url}/.well-known/jwks.json`;
  const inventory = opened.use(
    await startInventory({
      ...common,
      JWKS_URL,
      SERVICE_PRIVATE_KEY: keys.services.inventory,
      DATABASE_URL: inventoryUrl,
      GREMLIN_ALLOWED: true,
    }),
  );
  const order = opened.use(
    await startOrder({
      ...common,
      JWKS_URL,
      SERVICE_PRIVATE_KEY: keys.services.order,
      DATABASE_URL: orderUrl,
      INVENTORY_URL: `${(await options.beforeInventory?.(inventory.url)) ?? inventory.url}/graphql`,
    }),
  );
  const notificationConfig = {
    ...common,
    JWKS_URL,
    SERVICE_PRIVATE_KEY: keys.services.notification,
    DATABASE_URL: notificationUrl,
    MONGODB_URL: options.mongodbUrl,
    SMTP_URL: options.smtpUrl,
    MAIL_FOLDER: mailFolder,
    MAIL_FROM: 'Lockstep <no-reply@lockstep.example>',
    USER_URL: `${user.url}/graphql`,
    // A busy machine takes its time, and no test judges speed.
    PROFILE_WAIT_MS: options.profileWaitMs ?? 10_000,
  };
  const notification = opened.use(await startNotification(notificationConfig));
  const sync = opened.use(
    await startSync({
      ...common,
      JWKS_URL,
      SERVICE_PRIVATE_KEY: keys.services.sync,
      DATABASE_URL: syncUrl,
      USER_URL: `${user.url}/graphql`,
      ORDER_URL: `${order.url}/graphql`,
      INVENTORY_URL: `${inventory.url}/graphql`,
      ORACLE_SQLITE_FILE: oracleFile,
      SYNC_INTERVAL: options.syncIntervalSeconds ?? 1,
    }),
  );
  const gateway = opened.use(
    await startGateway({
      ...common,
      JWKS_URL,
      SERVICE_PRIVATE_KEY: keys.services.gateway,
      SUPERGRAPH_FILE: SUPERGRAPH,
      ...gatewayDefaults,
      routingUrls: {
        user: `${user.url}/graphql`,
        order: `${order.url}/graphql`,
        inventory: `${inventory.url}/graphql`,
        notification: `${notification.url}/graphql`,
        sync: `${sync.url}/graphql`,
      },
      ...options.gateway,
    }),
  );
  const client = new TestClient(gateway.url);
  const others = opened.use(new AsyncDisposableStack());
  const running = opened.move();
  return {
    user,
    order,
    inventory,
    notification,
    sync,
    gateway,
    client,
    keys,
    oracleFile,
    mailFolder,
    databaseUrls: {
      user: userUrl,
      order: orderUrl,
      inventory: inventoryUrl,
      notification: notificationUrl,
      sync: syncUrl,
      bus: busUrl,
    },
    admin: async () => client.as(await logIn(client, ADMIN)),
    asService: async (url = gateway.url) => new TestClient(url).as(await serviceTokens('probe', keys.services.probe)()),
    secondUser: async () => others.use(await startUser(userConfig)),
    secondNotification: async () => others.use(await startNotification(notificationConfig)),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function logIn(client: TestClient, input: { email: string; password: string }): Promise<string> {
  const { login } = await client.ask<{ login: { token: string } }>(
    'mutation LogIn($input: LoginInput!) { login(input: $input) { token } }',
    { input },
  );
  return login.token;
}
