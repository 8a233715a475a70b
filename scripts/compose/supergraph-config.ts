import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** The part of rover's supergraph configuration that names schema files. */
const configuration = z.object({
  federation_version: z.union([z.string(), z.number()]).optional(),
  subgraphs: z.record(
    z.string().regex(/^[a-z][a-z\d_]*$/, 'a subgraph is named in lower case'),
    z.object({ routing_url: z.url(), schema: z.object({ file: z.string() }) }),
  ),
});

export interface SubgraphSource {
  readonly name: string;
  readonly routingUrl: string;
  /** Absolute path of the schema it publishes. */
  readonly file: string;
}

/** Reads `supergraph.yaml`; schema files are relative to it. Throws with what is wrong. */
export async function readSupergraphConfig(path: string): Promise<SubgraphSource[]> {
  const { subgraphs } = configuration.parse(parse(await readFile(path, 'utf8')));
  return Object.entries(subgraphs).map(([name, { routing_url: routingUrl, schema }]) => ({
    name,
    routingUrl,
    file: resolve(dirname(path), schema.file),
  }));
}
