import type { FastifyInstance } from 'fastify';
import { pause } from '../retry.ts';

/** How a service misbehaves on purpose. */
interface GremlinSettings {
  readonly enabled: boolean;
  /** Milliseconds by which it delays a request. */
  readonly latencyMs: number;
  /** It strikes every Nth request. */
  readonly everyNth: number;
  /** Does it drop the response, after the work has been committed? */
  readonly dropResponses: boolean;
  /** Does it fail the request, before any work? */
  readonly failRequests: boolean;
}

/** Whoever tames the gremlin is not struck by it. */
const TAMING = 'setGremlin';

/** What a service answers that is there and cannot do its work. */
const FAILED = { errors: [{ message: 'A gremlin is at work.', extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }] };

/** Lets a gremlin into a service's GraphQL over HTTP: it delays requests, fails them before any work, or drops answers whose work is done. */
export function letIn(app: FastifyInstance, settings: () => GremlinSettings): void {
  const toBeDropped = new WeakSet<object>();
  let requests = 0;

  app.addHook('preHandler', async (request, reply) => {
    const { enabled, everyNth, latencyMs, dropResponses, failRequests } = settings();
    if (!enabled || request.method !== 'POST' || JSON.stringify(request.body).includes(TAMING)) return undefined;
    requests += 1;
    if (requests % everyNth !== 0) return undefined;
    await pause(latencyMs);
    if (failRequests) return reply.code(503).send(FAILED);
    if (dropResponses) toBeDropped.add(request);
    return undefined;
  });
  // oxlint-disable-next-line max-params -- fastify's own signature
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (toBeDropped.has(request)) reply.raw.destroy();
    done();
  });
}
