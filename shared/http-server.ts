import type { AddressInfo, Socket } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { checkHealth, type Dependency } from './health.ts';
import type { Log } from './log.ts';

const LOOPBACK = '127.0.0.1';
/** An operation with its variables; larger bodies are refused with 413. */
const LARGEST_BODY = 1024 * 1024;

export interface HttpServer {
  /** For adding routes before {@link listen}. */
  readonly app: FastifyInstance;
  readonly metrics: Registry;
  /** Accepts connections from now on; resolves to the base URL. */
  listen(at: { readonly port: number; readonly host?: string | undefined }): Promise<string>;
  /** Readiness goes down at once, requests under way are finished, idle connections closed. */
  [Symbol.asyncDispose](): Promise<void>;
}

interface HttpServerOptions {
  readonly service: string;
  readonly log: Log;
  /** What `/health` and `/health/ready` report on. */
  readonly dependencies: Readonly<Record<string, Dependency>>;
}

/** An HTTP server with `/health`, `/health/live`, `/health/ready` and `/metrics`. */
export function openHttpServer({ service, log, dependencies }: HttpServerOptions): HttpServer {
  const app = fastify({ bodyLimit: LARGEST_BODY, forceCloseConnections: 'idle', trustProxy: false });
  const metrics = new Registry();
  metrics.setDefaultLabels({ service });
  collectDefaultMetrics({ register: metrics });
  observeRequests(app, metrics);
  let draining = false;

  app.get('/health/live', () => ({ status: 'ok', service }));
  app.get('/health/ready', async (_request, reply) => {
    const { status } = await checkHealth(dependencies);
    const ready = status !== 'down' && !draining;
    return reply.code(ready ? 200 : 503).send({ status: ready ? status : 'down', service });
  });
  app.get('/health', async (_request, reply) => {
    const health = await checkHealth(dependencies);
    return reply
      .code(health.status === 'down' ? 503 : 200)
      .send({ service, uptimeSeconds: Math.round(process.uptime()), ...health });
  });
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));

  return {
    app,
    metrics,
    listen: async ({ port, host = LOOPBACK }) => {
      closeSilentConnections(app);
      await app.listen({ host, port });
      const address = app.server.address() as AddressInfo;
      const url = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
      log.info({ url }, 'listening');
      return url;
    },
    [Symbol.asyncDispose]: async () => {
      draining = true;
      await app.close();
    },
  };
}

/**
 * Browsers and pools open connections in advance. To Node one that has sent nothing is not idle, and nothing times it out once the server
 * closes: it would be waited for without end.
 */
function closeSilentConnections(app: FastifyInstance): void {
  const open = new Set<Socket>();
  app.server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  // Added last, so it runs when everything else is done and no more connections are taken.
  app.addHook('preClose', (done) => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    done();
  });
}

/** Adds a number to `/metrics` that is read whenever it is asked for. */
export function showNumber(metrics: Registry, { name, help, read }: ShownNumber): void {
  new Gauge({
    name,
    help,
    registers: [metrics],
    collect() {
      this.set(read());
    },
  });
}

interface ShownNumber {
  /** By the rules of Prometheus: `lockstep_feed_followers`. */
  readonly name: string;
  readonly help: string;
  readonly read: () => number;
}

function observeRequests(app: FastifyInstance, metrics: Registry): void {
  const duration = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'How long HTTP requests took, by route and status.',
    labelNames: ['route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [metrics],
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    duration.observe({ route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    done();
  });
}
