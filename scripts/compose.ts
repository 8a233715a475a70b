import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { withSharedParts } from './compose/shared-part.ts';
import { brokenRules } from './compose/house-rules.ts';
import { readSupergraphConfig, type SubgraphSource } from './compose/supergraph-config.ts';

const HELP = `npm run compose -- [--check] [--config supergraph.yaml] [--out supergraph.graphql]

Composes the subgraphs' schemas into the supergraph that the gateway serves, after bringing the parts that they share up to date.
Refuses a mutation without idempotencyKey: ID!, a subscription without after: String, and anything without a description.

  --check   change nothing; fail when something on disk is out of date
`;

const atRoot = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

interface Written {
  readonly file: string;
  readonly text: string;
}

/** Everything composition writes: each subgraph's schema with its shared parts, and the supergraph. */
async function compose(config: string, out: string): Promise<Written[]> {
  const subgraphs = await readSupergraphConfig(config);
  const schemas = await Promise.all(subgraphs.map(readSchema));
  const result = composeServices(
    subgraphs.map(({ name, routingUrl: url }, at) => ({ name, url, typeDefs: parse(schemas[at]?.text ?? '') })),
  );
  if (result.errors !== undefined) throw new Error(result.errors.map((error) => error.message).join('\n'));
  const broken = brokenRules(result.schema.toAPISchema().toGraphQLJSSchema());
  if (broken.length > 0) throw new Error(broken.join('\n'));
  return [...schemas, { file: out, text: `${result.supergraphSdl}\n` }];
}

async function readSchema({ name, file }: SubgraphSource): Promise<Written> {
  try {
    const text = await withSharedParts(await readFile(file, 'utf8'), (part) => readFile(atRoot(part), 'utf8'));
    parse(text);
    return { file, text };
  } catch (error) {
    throw new Error(`The schema of ${name} cannot be used: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      config: { type: 'string', default: atRoot('supergraph.yaml') },
      out: { type: 'string', default: atRoot('supergraph.graphql') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const written = await compose(values.config, values.out);
  const stale: Written[] = [];
  for (const one of written) if ((await readFile(one.file, 'utf8').catch(() => '')) !== one.text) stale.push(one);
  if (values.check && stale.length > 0)
    throw new Error(`out of date, run npm run compose: ${stale.map(({ file }) => file).join(', ')}`);
  for (const { file, text } of stale) await writeFile(file, text);
  process.stdout.write(
    `composed ${written.length - 1} subgraphs${stale.length === 0 ? ', nothing has changed' : ''}\n`,
  );
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
