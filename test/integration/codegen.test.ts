import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../support/planted-tree.ts';

const TYPES = 'subgraphs/user/generated/resolver-types.ts';
const PAGE = 'docs/errors.md';

interface Run {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

describe('npm run codegen', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-test-codegen-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  function codegen(...flags: string[]): Promise<Run> {
    const { promise, resolve } = Promise.withResolvers<Run>();
    execFile(process.execPath, [join(projectRoot, 'scripts/codegen.ts'), ...flags], (error, output, errors) => {
      resolve({ status: error === null ? 0 : Number(error.code), output, errors });
    });
    return promise;
  }

  const COMPLAINT = /^what is generated is not current, run npm run codegen \((.*)\)\n$/;

  test('what is generated in the project is current', async () => {
    expect(await codegen('--check')).toEqual({
      status: 0,
      output: expect.stringMatching(/^generated \d+ files, nothing has changed\n$/),
      errors: '',
    });
  });

  test('writes what is missing, the same each time', async () => {
    const fresh = await codegen('--check', '--into', folder);
    expect(fresh).toMatchObject({ status: 1, output: '', errors: expect.stringMatching(COMPLAINT) });
    expect((await codegen('--into', folder)).output).toMatch(/^generated \d+ files\n$/);
    expect(await readFile(join(folder, TYPES), 'utf8')).toBe(await readFile(join(projectRoot, TYPES), 'utf8'));
    expect((await codegen('--into', folder)).output).toMatch(/nothing has changed\n$/);
  });

  test('--check tells what was edited and what nothing makes, and changes neither; without it both are mended', async () => {
    const stray = 'subgraphs/gone/generated/resolver-types.ts';
    await codegen('--into', folder);
    await appendFile(join(folder, TYPES), '// edited by hand\n');
    await appendFile(join(folder, PAGE), 'Edited by hand.\n');
    await mkdir(join(folder, 'subgraphs/gone/generated'), { recursive: true });
    await writeFile(join(folder, stray), 'export {};\n');
    for (const _ of ['told', 'told again']) {
      const { status, errors } = await codegen('--check', '--into', folder);
      expect(status).toBe(1);
      expect(COMPLAINT.exec(errors)?.[1]).toBe(`out of date: ${TYPES}, ${PAGE}; nothing makes: ${stray}`);
    }
    await codegen('--into', folder);
    expect((await codegen('--check', '--into', folder)).status).toBe(0);
    await expect(readFile(join(folder, stray))).rejects.toThrow('ENOENT');
  });

  test('--help says what it does, and an unknown flag is refused', async () => {
    const { status, output } = await codegen('--help');
    expect([status, output]).toEqual([0, expect.stringContaining('--check')]);
    expect(await codegen('--chek')).toMatchObject({ status: 1, errors: expect.stringContaining("'--chek'") });
  });
});

/** Sources of which each, but the first, leaves the schema; given with what they stand on. */
const RESOLVERS: Readonly<Record<string, string>> = {
  'that follows the schema': 'fields = { __resolveReference: () => null, name: (user) => user.firstName }',
  'without a field that its record does not answer': 'fields = { __resolveReference: () => null }',
  'without its reference resolver': 'fields = { name: () => "Ada" }',
  'that gives a wrong type': 'fields = { __resolveReference: () => null, name: (user) => user.version }',
  'for a field that is not in the schema': 'fields = { __resolveReference: () => null, name: () => "", age: () => 1 }',
  'with an error code that is not in the schema':
    'payload.userErrors = [{ code: "OUT_OF_TUNE", message: "", field: null }]',
  'without a type that needs one': 'map = { Query: map.Query, Mutation: map.Mutation, Subscription: map.Subscription }',
  'that streams something else': 'map.Subscription.userChanged = streaming(() => stream)',
};
const STANDING_ON = `
import type { FieldResolvers, ResolverMap } from '#shared/graphql/resolver-map.ts';
import { streaming, type StreamEvent } from '#shared/graphql/subscribe.ts';
import type { Resolvers, UpdateUserPayload, UserResolvers } from '#user/generated/resolver-types.ts';
export let fields: FieldResolvers<UserResolvers>;
export declare let map: ResolverMap<Resolvers>;
export declare let payload: { userErrors: UpdateUserPayload['userErrors'] };
export declare const stream: AsyncGenerator<StreamEvent<{ id: string }>>;
export const used = streaming;
`;

describe('a resolver', () => {
  const planted = new Map(
    Object.entries(RESOLVERS).map(([title, code], index) => [
      title,
      { file: join(projectRoot, `test/integration/planted-${index}.ts`), text: `${STANDING_ON}${code};\n` },
    ]),
  );
  let program: ts.Program;

  beforeAll(() => {
    const { config } = ts.readConfigFile(join(projectRoot, 'tsconfig.json'), (file) => ts.sys.readFile(file));
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, projectRoot);
    const texts = new Map([...planted.values()].map(({ file, text }) => [file, text]));
    const host = ts.createCompilerHost(options);
    const read = host.readFile.bind(host);
    const exists = host.fileExists.bind(host);
    host.readFile = (file) => texts.get(file) ?? read(file);
    host.fileExists = (file) => texts.has(file) || exists(file);
    program = ts.createProgram([...texts.keys()], options, host);
  });

  test.each(Object.keys(RESOLVERS))('%s', (title) => {
    const source = program.getSourceFile(planted.get(title)?.file ?? '');
    const wrong = program.getSemanticDiagnostics(source).map(({ messageText }) => messageText);
    expect(wrong).toHaveLength(title === 'that follows the schema' ? 0 : 1);
  });
});
