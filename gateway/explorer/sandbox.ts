import type { FastifyInstance } from 'fastify';

/**
 * Apollo Sandbox at `/` for browsers, from Apollo's CDN. Where the CDN cannot be reached the page says so and points to Altair, which is
 * served from here. Other clients get a list of addresses.
 */
export function serveSandbox(app: FastifyInstance): void {
  app.get('/', (request, reply) => {
    if (!(request.headers.accept ?? '').includes('text/html')) return reply.send(ADDRESSES);
    return reply.type('text/html').send(PAGE);
  });
}

const ADDRESSES = { graphql: '/graphql', altair: '/altair', health: '/health', metrics: '/metrics' };

/** Documented at apollographql.com/docs/graphos/platform/sandbox#embedding-sandbox. */
const CDN = 'https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js';

const FIRST_OPERATION = `mutation Register($key: ID!) {
  registerUser(
    input: { firstName: "Ada", lastName: "Lovelace", email: "ada@example.com", password: "correct horse battery" }
    idempotencyKey: $key
  ) {
    user { id name syncState { target state } }
    token
    replayed
    userErrors { code message }
  }
}`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Lockstep</title>
<style>
  body { margin: 0; font: 16px/1.5 system-ui, sans-serif }
  #sandbox { position: absolute; inset: 0 }
  #offline { max-width: 40rem; margin: 4rem auto; padding: 0 1rem }
</style>
</head>
<body>
<div id="sandbox"></div>
<main id="offline" hidden>
  <h1>Lockstep</h1>
  <p>Apollo Sandbox could not be loaded: it comes from Apollo's servers, which cannot be reached from here.</p>
  <p><a href="/altair">Altair</a> works offline. The endpoint is <code>/graphql</code>, over HTTP and WebSocket.</p>
</main>
<script src="${CDN}" onerror="document.getElementById('offline').hidden = false"></script>
<script>
  if (window.EmbeddedSandbox) new window.EmbeddedSandbox({
    target: '#sandbox',
    initialEndpoint: location.origin + '/graphql',
    initialSubscriptionEndpoint: location.origin.replace(/^http/, 'ws') + '/graphql',
    initialState: {
      document: ${JSON.stringify(FIRST_OPERATION)},
      variables: { key: 'first-try' },
    },
  });
</script>
</body>
</html>
`;
