import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { projectRoot } from './planted-tree.ts';
import { requirement } from './requirements.ts';
import { run } from './run.ts';

/** A service as Docker Compose reads it, its variables filled in. */
export interface ComposeService {
  readonly image?: string;
  readonly build?: unknown;
  readonly command: readonly string[] | null;
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly ports?: readonly { readonly host_ip?: string; readonly target: number; readonly published: string }[];
  readonly volumes?: readonly { readonly type: string; readonly source: string }[];
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
}

const READER = join(projectRoot, '.servers', 'compose-go');

/** Is Docker Compose's own reader of Compose files here? */
export const hasCompose = requirement('compose', existsSync(READER));

/** A suite that has Compose files read by Docker Compose's own reader (scripts/compose-go). */
export const describeOnCompose = hasCompose ? describe : describe.skip; // -- npm test passes where only Node and npm are; REQUIRE forbids the skip

/** Reads a Compose file as Docker Compose does. Throws with its own words when it would refuse the file. */
export async function readComposeFile(
  path: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<ComposeFile> {
  const { status, output, errors } = await run(READER, [path], { environment: variables });
  if (status !== 0) throw new Error(errors);
  return JSON.parse(output) as ComposeFile;
}
