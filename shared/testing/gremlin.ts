import type { FastifyInstance } from 'fastify';
import { pause } from '../retry.ts';

/** How a service misbehaves on purpose. */
export interface GremlinSettings {
  readonly enabled: boolean;
  /** Milliseconds by which it delays a request. */
  readonly latencyMs: number;
  /** It strikes every Nth request. */
  readonly everyNth: number;
  /** Does it drop the response, after the work has been committed? */
  readonly dropResponses: boolean;
}

/** Whoever tames the gremlin is not struck by it. */
const TAMING = 'setGremlin';

/** Lets a gremlin into a service's GraphQL over HTTP: it delays requests, or drops answers whose work is done. */
export function letIn(app: FastifyInstance, settings: () => GremlinSettings): void {
  const struck = new WeakSet<object>();
  let requests = 0;

  app.addHook('preHandler', async (request) => {
    const { enabled, everyNth, latencyMs } = settings();
    if (!enabled || request.method !== 'POST' || JSON.stringify(request.body).includes(TAMING)) return;
    requests += 1;
    if (requests % everyNth !== 0) return;
    struck.add(request);
    await pause(latencyMs);
  });
  // oxlint-disable-next-line max-params -- fastify's own signature
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (struck.has(request) && settings().dropResponses) reply.raw.destroy();
    done();
  });
}
