import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, type EnumTypeDefinitionNode } from 'graphql';
import { format, resolveConfig } from 'prettier';
import { ERROR_CATALOGUE, GRAPHQL_CODES, PLACES, WAYS_ON, type ErrorCode } from '#shared/error-catalogue.ts';
import { CLOSE_CATALOGUE, CLOSE_CODES } from '#shared/graphql/close-codes.ts';
import { REFUSAL_CODES } from '#shared/refusal.ts';

export const ERROR_PAGE = 'docs/errors.md';
const USER_ERRORS = 'UserErrorCode';

/** The codes of `userErrors`, each with what the services that answer it say of it: the descriptions in their schemas. */
export async function userErrorCodes(project: string): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const codes = new Map<string, Map<string, string>>();
  for (const service of (await readdir(join(project, 'subgraphs'))).toSorted()) {
    const { definitions } = parse(await readFile(join(project, 'subgraphs', service, 'schema.graphql'), 'utf8'));
    const declared = definitions.find(
      (each): each is EnumTypeDefinitionNode => each.kind === 'EnumTypeDefinition' && each.name.value === USER_ERRORS,
    );
    for (const { name, description } of declared?.values ?? []) {
      const meanings = codes.get(name.value) ?? new Map<string, string>();
      codes.set(name.value, meanings.set(service, description?.value ?? ''));
    }
  }
  return codes;
}

/** docs/errors.md, formatted as every page is. */
export async function errorPage(project: string): Promise<string> {
  const text = [INTRODUCTION, waysOn(), graphqlErrors(), userErrors(await userErrorCodes(project)), closeCodes()];
  const file = join(project, ERROR_PAGE);
  return format(text.join('\n\n'), { ...(await resolveConfig(file)), filepath: file });
}

const INTRODUCTION = `# Errors

<!-- Made by \`npm run codegen\` of shared/error-catalogue.ts, shared/graphql/close-codes.ts and the subgraphs' schemas: a change made here is lost. -->

Every code that a client can meet, what it means, and how to go on. A message is for people and may change; a code is for programs and does not. Where an error stands:

- \`userErrors\` of a mutation's payload: an expected refusal by the rules of the business, as data.
- \`errors\` of the answer, with \`extensions.code\`: everything else.
- The close code of a WebSocket: what concerns the whole connection.
- The HTTP status, for what refuses a whole request. With \`Accept: application/graphql-response+json\` it tells a refused document (4xx) from an answer (200). With \`application/json\` every well-formed request is answered with 200, as GraphQL over HTTP has it: read \`errors\`.`;

function waysOn(): string {
  const rows = Object.entries(WAYS_ON).map(([name, sentence]) => [`**${name}**`, sentence]);
  return `## How to go on\n\n${table(['', 'may it be sent again?'], rows)}`;
}

function graphqlErrors(): string {
  const codes: readonly ErrorCode[] = [...REFUSAL_CODES, ...GRAPHQL_CODES];
  const rows = codes.map((code) => {
    const { meaning, wayOn, places, statuses = [] } = ERROR_CATALOGUE[code];
    return [`\`${code}\``, meaning, wayOn, places.join(', '), statuses.join(', ')];
  });
  const places = Object.entries(PLACES).map(([name, sentence]) => `- **${name}**: ${sentence}.`);
  return `## \`extensions.code\` of an error

${places.join('\n')}

The HTTP status is that of a refused request; an answer with \`data\` is 200, whatever its fields came to. With \`application/json\`, 400 is sent for \`BAD_REQUEST\` only.

${table(['code', 'what it means', 'how to go on', 'where', 'HTTP'], rows)}

\`extensions.field\` names the argument or input field at fault, as a dotted path (\`items.0.quantity\`), where one is. \`extensions.cursor\`, at the end of a stream, is the place from which nothing is missed.`;
}

function userErrors(codes: ReadonlyMap<string, ReadonlyMap<string, string>>): string {
  const rows = [...codes]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, meanings]) => [`\`${code}\``, meaningIn(meanings), [...meanings.keys()].join(', ')]);
  return `## \`code\` of \`userErrors\`

Such a refusal is stored with the idempotency key: sent again with the same key, the call is answered the same, however the world has changed. When what is refused has changed, or was corrected, send it with **a new key**.

${table(['code', 'what it means', 'answered by'], rows)}`;
}

/** One sentence where all say the same, otherwise what each says. */
function meaningIn(meanings: ReadonlyMap<string, string>): string {
  const [first, ...others] = new Set(meanings.values());
  if (first !== undefined && others.length === 0) return first;
  return [...meanings].map(([service, meaning]) => `${service}: ${meaning}`).join(' ');
}

function closeCodes(): string {
  const rows = CLOSE_CODES.map((code) => {
    const { name, meaning, wayOn } = CLOSE_CATALOGUE[code];
    return [String(code), name, meaning, wayOn];
  });
  return `## Close codes of a WebSocket

A socket that is closed takes all its operations with it. Mutations under way keep their idempotency keys, subscriptions their cursors: open another socket and send them again, as the code says.

${table(['code', 'name', 'what it means', 'how to go on'], rows)}
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
