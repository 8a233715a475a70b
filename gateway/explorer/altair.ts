import fastifyStatic from '@fastify/static';
import { getDistDirectory, isSandboxFrame, renderAltair, SANDBOX_FRAME_CSP } from 'altair-static';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Altair at `/altair`, wholly served from here: queries, mutations and subscriptions work offline. */
export async function serveAltair(app: FastifyInstance): Promise<void> {
  const page = renderAltair({
    baseURL: '/altair/',
    endpointURL: '/graphql',
    subscriptionsEndpoint: '/graphql',
    // Without `subscriptionsProtocol`, which is the URL's scheme and not the GraphQL protocol, both addresses take the page's own scheme.
    initialSubscriptionRequestHandlerId: 'graphql-ws',
    initialHeaders: { Authorization: '' },
    initialSubscriptionsPayload: { Authorization: '' },
    initialSettings: { 'banners.disable': true, 'alert.disableWarnings': true },
    disableAccount: true,
    initialQuery: FIRST_OPERATION,
  });
  await app.register(fastifyStatic, {
    root: getDistDirectory(),
    prefix: '/altair/',
    index: false,
    // Altair runs its users' scripts in this frame, which has no right to the page around it.
    setHeaders: (response, path) => {
      if (isSandboxFrame(path)) void response.header('content-security-policy', SANDBOX_FRAME_CSP);
    },
  });
  const send = (reply: FastifyReply): FastifyReply =>
    reply
      .headers({ 'cache-control': 'no-cache', 'content-security-policy': "frame-ancestors 'self'" })
      .type('text/html')
      .send(page);
  app.get('/altair', (_request, reply) => send(reply));
  app.get('/altair/', (_request, reply) => send(reply));
}

const FIRST_OPERATION = `# Register or log in (the admin's login is in the data directory), then paste "Bearer <token>" twice:
# as the header Authorization for queries and mutations, and among the connection parameters of the request handlers
# (both on the left) for subscriptions.
query {
  me { id name email syncState { target state } }
}
`;
