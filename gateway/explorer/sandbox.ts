import type { FastifyInstance } from 'fastify';

/**
 * Apollo Sandbox at `/` for browsers, from Apollo's CDN. Where the CDN cannot be reached the page says so and points to Altair, which is
 * served from here. Other clients get a list of addresses.
 */
export function serveSandbox(app: FastifyInstance): void {
  app.get('/', (request, reply) => {
    if (!(request.headers.accept ?? '').includes('text/html')) return reply.header('vary', 'accept').send(ADDRESSES);
    return reply.headers(HEADERS).type('text/html').send(PAGE);
  });
}

/** What it shows depends on who asks; and nobody else's page may show it. */
const HEADERS = { vary: 'accept', 'cache-control': 'no-cache', 'content-security-policy': "frame-ancestors 'self'" };
const ADDRESSES = { graphql: '/graphql', altair: '/altair', health: '/health', metrics: '/metrics' };

/** Documented at apollographql.com/docs/graphos/platform/sandbox#embedding-sandbox. */
const CDN = 'https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js';

/** A CDN that is there has answered by then. */
const PATIENCE_MS = 4_000;

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
  #offline:not([hidden]) ~ #sandbox { display: none }
  #offline { max-width: 40rem; margin: 4rem auto; padding: 0 1rem }
</style>
</head>
<body>
<main id="offline" hidden>
  <h1>Lockstep</h1>
  <p>Apollo Sandbox could not be loaded: it comes from Apollo's servers, which cannot be reached from here.</p>
  <p><a href="/altair">Altair</a> works offline. The endpoint is <code>/graphql</code>, over HTTP and WebSocket.</p>
</main>
<div id="sandbox"></div>
<script>
  const tellOffline = (offline) => { document.getElementById('offline').hidden = !offline };
  // A network that swallows what it does not let through fails after minutes only.
  const patience = setTimeout(tellOffline, ${PATIENCE_MS}, true);
</script>
<script src="${CDN}" onerror="tellOffline(true)"></script>
<script>
  clearTimeout(patience);
  tellOffline(!window.EmbeddedSandbox);
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
