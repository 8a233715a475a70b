import fastifyStatic from '@fastify/static';
import { getDistDirectory, renderAltair } from 'altair-static';
import type { FastifyInstance } from 'fastify';

/** Altair at `/altair`, wholly served from here: queries, mutations and subscriptions work offline. */
export async function serveAltair(app: FastifyInstance): Promise<void> {
  const page = renderAltair({
    baseURL: '/altair/',
    endpointURL: '/graphql',
    subscriptionsEndpoint: '/graphql',
    subscriptionsProtocol: 'graphql-ws',
    initialSettings: { 'banners.disable': true },
    initialQuery: FIRST_OPERATION,
  });
  await app.register(fastifyStatic, { root: getDistDirectory(), prefix: '/altair/', index: false });
  app.get('/altair', (_request, reply) => reply.type('text/html').send(page));
  app.get('/altair/', (_request, reply) => reply.type('text/html').send(page));
}

const FIRST_OPERATION = `# Try: log in (the admin's login is in the data directory), then set the header Authorization: Bearer <token>.
query {
  me { id name email syncState { target state } }
}
`;
