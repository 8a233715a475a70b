import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { projectRoot } from '../support/planted-tree.ts';

const MARK = '# --- shared/graphql/common.graphql, kept in step by `npm run compose` ---';
const HEAD = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@inaccessible"])
"Stable codes." enum UserErrorCode { "None." NONE }
"A book." type Book @key(fields: "id") { "Its id." id: ID! }
type Query { "All books." books: [Book!] "The last refusal." refusal: UserError "A page." page: PageInfo "Now." now: DateTime }
`;

interface Run {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

describe('npm run compose', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-test-compose-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const out = (): string => join(folder, 'supergraph.graphql');
  const schemaOf = (name: string): string => join(folder, name, 'schema.graphql');

  /** Writes a configuration with these subgraphs' schemas. */
  async function plant(schemas: Readonly<Record<string, string>>): Promise<void> {
    const entries = Object.keys(schemas).map(
      (name) =>
        `  ${name}:\n    routing_url: http://127.0.0.1:1/graphql\n    schema:\n      file: ./${name}/schema.graphql\n`,
    );
    await writeFile(join(folder, 'supergraph.yaml'), `subgraphs:\n${entries.join('')}`);
    for (const [name, schema] of Object.entries(schemas)) {
      await mkdir(join(folder, name), { recursive: true });
      await writeFile(schemaOf(name), schema);
    }
  }

  function compose(...flags: string[]): Promise<Run> {
    const script = join(projectRoot, 'scripts/compose.ts');
    const files = ['--config', join(folder, 'supergraph.yaml'), '--out', out()];
    const { promise, resolve } = Promise.withResolvers<Run>();
    execFile(process.execPath, [script, ...files, ...flags], (error, output, errors) => {
      resolve({ status: error === null ? 0 : Number(error.code), output, errors });
    });
    return promise;
  }

  const kept = (sdl = ''): string => `${HEAD}${sdl}\n${MARK}\n`;
  const read = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined);

  test('brings the common part up to date, writes the supergraph, and then finds nothing to do', async () => {
    await plant({ library: kept() });
    expect(await compose()).toEqual({ status: 0, output: 'composed 1 subgraphs\n', errors: '' });
    expect(await read(schemaOf('library'))).toContain('type UserError @shareable');
    expect(await read(out())).toContain('type Book');
    expect((await compose()).output).toBe('composed 1 subgraphs, nothing has changed\n');
    expect((await compose('--check')).status).toBe(0);
  });

  test('--check names what is out of date, and changes nothing', async () => {
    await plant({ library: kept() });
    const fresh = await compose('--check');
    expect(fresh).toMatchObject({ status: 1, output: '' });
    expect(fresh.errors).toBe(`out of date, run npm run compose: ${schemaOf('library')}, ${out()}\n`);
    expect(await read(schemaOf('library'))).toBe(kept());
    expect(await read(out())).toBeUndefined();
    await compose();
    await writeFile(out(), `${await read(out())}# edited by hand\n`);
    const edited = await compose('--check');
    expect(edited.errors).toBe(`out of date, run npm run compose: ${out()}\n`);
    expect(await read(out())).toContain('# edited by hand');
  });

  test('names every broken rule with its coordinate, and writes nothing', async () => {
    await plant({
      library: kept(`
        type Mutation { "Adds." addBook: Book "Lends." lend("Again?" idempotencyKey: String!): Book }
        type Subscription { "Watches." bookAdded: Book! }
        type Shelf { books(first: Int): [Book!] } enum Size { SMALL } input BookInput { title: String }
        extend type Query { "A shelf." shelf("Like." like: BookInput "How big." size: Size): Shelf }`),
    });
    const { status, output, errors } = await compose();
    expect({ status, output }).toEqual({ status: 1, output: '' });
    expect(errors.trim().split('\n').toSorted()).toEqual([
      'BookInput has no description',
      'BookInput.title has no description',
      'Mutation.addBook lacks the argument idempotencyKey: ID!, without which it cannot be retried safely',
      'Mutation.lend lacks the argument idempotencyKey: ID!, without which it cannot be retried safely',
      'Shelf has no description',
      'Shelf.books has no description',
      'Shelf.books(first:) has no description',
      'Size has no description',
      'Size.SMALL has no description',
      'Subscription.bookAdded lacks the argument after: String, without which it cannot be resumed',
    ]);
    expect(await read(out())).toBeUndefined();
    expect(await read(schemaOf('library'))).not.toContain('type UserError');
  });

  test('shows what does not compose', async () => {
    const other = kept().replace('"A book." type Book @key(fields: "id")', '"A book." type Book');
    await plant({ library: kept(), reviews: other });
    const { status, errors } = await compose();
    expect(status).toBe(1);
    expect(errors).toContain('Non-shareable field "Query.books" is resolved from multiple subgraphs');
  });

  test.each([
    ['without the mark', HEAD, /The schema of library cannot be used: it lacks the line "# ---/],
    ['that does not parse', kept('type {'), /The schema of library cannot be used: Syntax Error/],
  ])('refuses a schema %s', async (_, schema, sentence) => {
    await plant({ library: schema });
    const { status, errors } = await compose();
    expect(status).toBe(1);
    expect(errors).toMatch(sentence);
    expect(errors).not.toMatch(/\n\s+at /);
    expect(await read(out())).toBeUndefined();
  });

  test('names a schema file and a configuration that are missing', async () => {
    await plant({ library: kept() });
    await rm(schemaOf('library'));
    const withoutSchema = await compose();
    expect(withoutSchema.status).toBe(1);
    expect(withoutSchema.errors).toMatch(/^The schema of library cannot be used: .*library.schema\.graphql/);
    await rm(join(folder, 'supergraph.yaml'));
    const withoutConfiguration = await compose();
    expect(withoutConfiguration.status).toBe(1);
    expect(withoutConfiguration.errors).toContain('supergraph.yaml');
  });

  test('--help says what it does and which flags there are, and does nothing', async () => {
    const { status, output } = await compose('--help');
    expect(status).toBe(0);
    for (const flag of ['--check', '--config', '--out']) expect(output).toContain(flag);
    expect(await read(out())).toBeUndefined();
  });

  test('an unknown flag is refused', async () => {
    const { status, errors } = await compose('--chek');
    expect(status).toBe(1);
    expect(errors).toContain("'--chek'");
  });
});
