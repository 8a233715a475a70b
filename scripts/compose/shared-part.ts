/** Below such a line, up to the next one, a subgraph's schema repeats a file that several share; what is above the first is its own. */
const MARK = /^# --- (shared\/graphql\/[\w-]+\.graphql), kept in step by `npm run compose` ---$/gmu;
/** Every schema has this part. */
const COMMON = 'shared/graphql/common.graphql';

/** A subgraph's schema with its shared parts as they are now; `read` gives the text of such a file. Throws when the common part is missing. */
export async function withSharedParts(schema: string, read: (file: string) => Promise<string>): Promise<string> {
  const marks = [...schema.matchAll(MARK)];
  if (!marks.some(([, file]) => file === COMMON))
    throw new Error(`it lacks the line "# --- ${COMMON}, kept in step by \`npm run compose\` ---"`);
  const parts = await Promise.all(
    marks.map(async ([mark, file = '']) => `${mark}\n\n${(await read(file)).trimEnd()}\n`),
  );
  return [schema.slice(0, marks[0]?.index), parts.join('\n')].join('');
}
