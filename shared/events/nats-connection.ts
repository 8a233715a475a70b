import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Log } from '../log.ts';
import { eventually } from '../retry.ts';

/** What the bus asks of a server: all that it uses is in 2.9 (consumers by their own API subject, expected sequences). */
const OLDEST_VERSION = [2, 9] as const;
/** A first start on a slow machine still finds its broker within this. */
const BROKER_STARTS_WITHIN_MS = 30_000;
/** A connection that is half open is found out after two of these. */
const PING_MS = 2_000;
/** Longer than a healthy server ever takes, and short enough that a worker tries again soon. */
const REQUEST_MS = 3_000;
/** Soon after the broker is back; the client adds jitter of its own. */
const RECONNECT_MS = 250;

/** A connection that is kept up for ever, and JetStream on it. */
export interface Nats extends AsyncDisposable {
  readonly streams: JetStreamManager;
  readonly publisher: JetStreamClient;
  /** Resolves when the server has heard all that it was told so far, or is away. */
  heard(): Promise<void>;
  /** Called when the connection has come back: what was under way on it may be lost. */
  onReconnect(listener: () => void): void;
}

/**
 * Connects to the first of the servers in `url` (separated by commas) that answers; a broker that is still starting is waited for. Throws at
 * once when the broker does not let us in or cannot be trusted.
 */
export async function openNats({ url, name, log }: { url: string; name: string; log: Log }): Promise<Nats> {
  const backoff = { firstMs: 100, longestMs: 1_000, forMs: BROKER_STARTS_WITHIN_MS, isFinal };
  const [connection, streams] = await eventually(() => connectNow(url, name), backoff);
  const listeners: (() => void)[] = [];
  let connected = true;
  const changed = (now: boolean): void => {
    connected = now;
    if (now) listeners.forEach((listener) => listener());
  };
  const watching = watch(connection, { log, changed });
  return {
    streams,
    publisher: jetstream(connection, { timeout: REQUEST_MS }),
    heard: () => (connected ? connection.flush().catch(() => undefined) : Promise.resolve()),
    onReconnect: (listener) => listeners.push(listener),
    [Symbol.asyncDispose]: async () => {
      // A broker that is away cannot take what is left; the outbox and the ledger hold all that counts.
      await (connected ? connection.drain().catch(() => connection.close()) : connection.close());
      await watching;
    },
  };
}

async function connectNow(url: string, name: string): Promise<[NatsConnection, JetStreamManager]> {
  const connection = await connect({
    ...addressOf(url),
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    pingInterval: PING_MS,
    maxPingOut: 2,
    // Otherwise the second refusal in the connection's life ends it, though a server that is slow to check a password refuses as well.
    ignoreAuthErrorAbort: true,
  });
  try {
    refuseOlder(connection.info?.version ?? '');
    return [connection, await jetstreamManager(connection, { timeout: REQUEST_MS })];
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** The broker is there; that it refuses us, or has no certificate that we trust, is no matter of time. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return /CERT|VERIFY/u.test(code) || /authorization violation|does not support 'tls'/iu.test(error.message);
}

/** Throws when the server lacks what the bus needs. */
export function refuseOlder(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_VERSION;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Error(
    `the NATS server is ${version || 'of unknown version'}; the bus needs ${OLDEST_VERSION.join('.')} or later`,
  );
}

/** Who signs in is named in the URL, as user and password or as a token alone; the client wants them beside it. */
function addressOf(list: string): { servers: string[]; user?: string; pass?: string; token?: string; tls?: object } {
  const urls = list.split(',').map((url) => new URL(url.trim()));
  const { username = '', password = '' } = urls[0] ?? {};
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
  return {
    servers: urls.map(({ host }) => host),
    ...(user !== '' && (pass === '' ? { token: user } : { user, pass })),
    ...(urls.some(({ protocol }) => protocol === 'tls:') && { tls: {} }),
  };
}

interface Watching {
  readonly log: Log;
  readonly changed: (connected: boolean) => void;
}

async function watch(connection: NatsConnection, { log, changed }: Watching): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'error') log.warn({ err: status.error }, 'the bus answers with an error');
    if (status.type !== 'disconnect' && status.type !== 'reconnect') continue;
    const connected = status.type === 'reconnect';
    if (connected) log.info({ server: status.server }, 'connection to the bus is back');
    else log.warn({ server: status.server }, 'connection to the bus lost');
    changed(connected);
  }
}
