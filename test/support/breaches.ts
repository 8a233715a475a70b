/** Planted breaches: each rule's name, and a small tree that breaks it. A rule without a breach here fails the suite. */
export type Tree = Readonly<Record<string, string>>;

const user = (path: string, ...imports: string[]): Tree => ({ [`subgraphs/user/${path}`]: importing(...imports) });

function importing(...specifiers: string[]): string {
  return specifiers.map((specifier, index) => `export * as part${index} from '${specifier}';\n`).join('');
}

/** What the planted breaches reach for: a small system in which nothing is wrong by itself. */
export const plantedSystem: Tree = {
  'gateway/main.ts': 'export {};\n',
  'gateway/transports/sse.ts': importing('node:http'),
  'scripts/source.ts': importing('#shared/log.ts'),
  'shared/log.ts': importing('pino'),
  'shared/mailbox.ts': importing('node:net'),
  'shared/events/postgres-bus.ts': importing('postgres'),
  'shared/testing/database.ts': importing('postgres'),
  'shared/testing/gremlin.ts': importing('fastify'),
  'subgraphs/sync/domain/pipeline.ts': importing('zod'),
  'subgraphs/user/main.ts': importing(
    '#shared/testing/gremlin.ts',
    './resolvers/user.ts',
    './events/on-user-created.ts',
  ),
  'subgraphs/user/resolvers/user.ts': importing('graphql', '../commands/register-user.ts'),
  'subgraphs/user/events/on-user-created.ts': importing(
    '#shared/events/postgres-bus.ts',
    '../commands/register-user.ts',
  ),
  'subgraphs/user/commands/register-user.ts': importing('../store/users.ts', '../domain/user.ts'),
  'subgraphs/user/store/users.ts': importing('drizzle-orm', 'node:sqlite', '../domain/user.ts'),
  'subgraphs/user/domain/user.ts': importing('zod'),
  'test/support/users.ts': importing('#user/main.ts', '#shared/testing/database.ts'),
};

export const layerBreaches: Readonly<Record<string, Tree>> = {
  'subgraphs-never-import-each-other': user('commands/cross.ts', '#sync/domain/pipeline.ts'),
  'gateway-and-subgraphs-apart': { 'gateway/execution/business.ts': importing('#user/domain/user.ts') },
  'shared-stands-alone': { 'shared/business.ts': importing('#user/domain/user.ts') },
  'services-without-tooling': { 'gateway/guards/tooling.ts': importing('#scripts/source.ts') },
  'scripts-stay-out-of-rooms': { 'scripts/burglar.ts': importing('#user/store/users.ts') },
  'main-is-the-root': { 'gateway/config.ts': importing('./main.ts') },
  'tests-are-for-tests': { 'shared/tested.ts': importing('#test/support/users.ts') },
  'testing-is-for-tests': { 'shared/service.ts': importing('./testing/database.ts') },
  'gremlins-enter-by-the-door': { 'shared/struck.ts': importing('./testing/gremlin.ts') },
  'engines-know-no-transport': { 'gateway/subscriptions/engine.ts': importing('../transports/sse.ts') },
  'domain-looks-down': user('domain/upwards.ts', '../store/users.ts'),
  'store-looks-down': user('store/upwards.ts', '../commands/register-user.ts'),
  'commands-looks-down': user('commands/upwards.ts', '../resolvers/user.ts'),
  'events-looks-down': user('events/sideways.ts', '../resolvers/user.ts'),
  'resolvers-looks-down': user('resolvers/sideways.ts', '../events/on-user-created.ts'),
  'generated-looks-down': user('generated/upwards.ts', '../resolvers/user.ts'),
  'domain-is-pure': user('domain/impure.ts', 'node:fs'),
  'domain-knows-no-machinery': user('domain/talkative.ts', '#shared/log.ts'),
  'domain-reaches-no-io': user('domain/far-reaching.ts', '#shared/mailbox.ts'),
  'sql-only-in-store': {
    ...user('resolvers/sql.ts', 'postgres'),
    ...user('commands/sqlite.ts', 'node:sqlite'),
    ...user('commands/oracle.ts', 'oracledb'),
    'subgraphs/user/commands/type-only.ts': "import type { SQL } from 'drizzle-orm';\nexport type Query = SQL;\n",
  },
  'mail-only-in-store': user('commands/mail.ts', 'nodemailer'),
  'graphql-only-in-resolvers': user('commands/graphql.ts', 'graphql'),
  'bus-only-in-events': user('commands/publish.ts', '#shared/events/postgres-bus.ts'),
  'no-cycles': { 'shared/hen.ts': importing('./egg.ts'), 'shared/egg.ts': importing('./hen.ts') },
  'no-orphans': { 'shared/forgotten.ts': 'export const forgotten = 1;\n' },
  resolvable: { 'shared/lost.ts': importing('#shared/nowhere.ts') },
  'services-run-without-dev-dependencies': { 'shared/developing.ts': importing('fast-check') },
};

const many = (line: string, count: number): string => Array.from({ length: count }, () => line).join('\n');
const inFunction = (body: string): string => `export async function planted(): Promise<void> {\n${body}\n}\n`;

/** By oxlint rule: one file in `shared/` that breaks it. */
export const lintBreaches: Readonly<Record<string, string>> = {
  'no-floating-promises': inFunction('Promise.resolve(1);\nawait Promise.resolve(2);'),
  'no-misused-promises': 'export const all = [1].filter(async () => Promise.resolve(true));\n',
  'await-thenable': inFunction('await 1;'),
  'return-await': inFunction('try { return Promise.resolve(); } catch { return; }'),
  'only-throw-error': "export function planted(): never {\n  throw 'text';\n}\n",
  'switch-exhaustiveness-check':
    "export function planted(a: 'x' | 'y'): number {\n  switch (a) {\n    case 'x':\n      return 1;\n    default:\n      return 2;\n  }\n}\n",
  'no-explicit-any': 'export const planted: any = 1;\n',
  'no-non-null-assertion': 'export const planted = (list: string[]): string => list.at(0)!;\n',
  'ban-ts-comment': '// @ts-ignore\nexport const planted: number = 1;\n',
  'consistent-type-imports': "import { Socket } from 'node:net';\nexport type Planted = Socket;\n",
  'no-default-export': 'export default 1;\n',
  'no-duplicates':
    "import { a } from './planted-source.ts';\nimport { b } from './planted-source.ts';\nexport const c = a + b;\n",
  'no-barrel-file': "export * from './planted-source.ts';\n",
  'no-process-env': 'export const planted = process.env;\n',
  'no-restricted-imports': "import { env } from 'node:process';\nexport const planted = env;\n",
  'no-console': "console.log('said');\n",
  eqeqeq: 'export const planted = (a: unknown): boolean => a == 1;\n',
  'prefer-const': 'let planted = 1;\nexport const copy = planted;\n',
  'no-var': 'export var planted = 1;\n',
  'no-param-reassign': 'export function planted(a: number): number {\n  a = 2;\n  return a;\n}\n',
  'max-lines': `${many('export {};', 251)}\n`,
  'max-lines-per-function': `export function planted(): void {\n${many("String('');", 60)}\n}\n`,
  'max-params': 'export const planted = (a: number, b: number, c: number, d: number): number => a + b + c + d;\n',
};
