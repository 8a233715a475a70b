import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSupergraphConfig } from './supergraph-config.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-test-config-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function configured(text: string): Promise<string> {
  const file = join(folder, 'supergraph.yaml');
  await writeFile(file, text);
  return file;
}

test('schema files are found beside the configuration', async () => {
  const file = await configured(
    'subgraphs:\n  books:\n    routing_url: http://127.0.0.1:1/graphql\n    schema:\n      file: ./books/schema.graphql\n',
  );
  expect(await readSupergraphConfig(file)).toEqual([
    { name: 'books', routingUrl: 'http://127.0.0.1:1/graphql', file: join(folder, 'books/schema.graphql') },
  ]);
});

test.each([
  [
    'a name that no variable could override',
    'subgraphs:\n  Books-2:\n    routing_url: http://a/\n    schema: { file: a }\n',
  ],
  ['a routing URL that is none', 'subgraphs:\n  books:\n    routing_url: nowhere\n    schema: { file: a }\n'],
  ['a subgraph without a schema', 'subgraphs:\n  books:\n    routing_url: http://a/\n'],
  ['nothing', ''],
])('%s is refused', async (_, text) => {
  await expect(readSupergraphConfig(await configured(text))).rejects.toThrow();
});
