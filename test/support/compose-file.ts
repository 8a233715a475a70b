import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

/** A service as docker-compose.yml has it, its variables filled in. */
export interface ComposeService {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly user?: string;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** `${NAME}`, `${NAME:-default}` and `${NAME:?sentence}`, by Compose's rules of interpolation. */
const VARIABLE = /\$\{(?<name>\w+)(?::(?<sign>[-?])(?<rest>[^}]*))?\}/g;

/** Reads a Compose file as Compose does. Throws on a variable that must be given and is not. */
export async function readComposeFile(path: string, variables: Variables): Promise<ComposeFile> {
  return filled(parse(await readFile(path, 'utf8'), { merge: true }), variables) as ComposeFile;
}

/** The names of all variables that a Compose file reads, and of those that must be given. */
export async function variablesOf(path: string): Promise<{ readonly all: string[]; readonly required: string[] }> {
  const found = [...(await readFile(path, 'utf8')).matchAll(VARIABLE)].map(({ groups }) => groups ?? {});
  const names = (some: typeof found): string[] => [...new Set(some.map(({ name = '' }) => name))].toSorted();
  return { all: names(found), required: names(found.filter(({ sign }) => sign === '?')) };
}

function filled(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string') return interpolated(value, variables);
  if (Array.isArray(value)) return value.map((each) => filled(each, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each, variables)]));
}

function interpolated(text: string, variables: Variables): string {
  return text.replaceAll(VARIABLE, (...match) => {
    const { name = '', sign, rest = '' } = match.at(-1) as Record<string, string | undefined>;
    const value = variables[name];
    if (value !== undefined && value !== '') return value;
    if (sign === '?') throw new Error(`${name} is not set: ${rest}`);
    return sign === '-' ? rest : '';
  });
}
