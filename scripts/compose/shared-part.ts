/** Above this line a subgraph's schema is its own, below it stands what all subgraphs share. */
const MARK = '# --- shared/graphql/common.graphql, kept in step by `npm run compose` ---';

/** A subgraph's schema with the present common part. Throws when the mark is missing. */
export function withCommonPart(schema: string, common: string): string {
  const at = schema.indexOf(MARK);
  if (at === -1) throw new Error(`it lacks the line "${MARK}"`);
  return `${schema.slice(0, at)}${MARK}\n\n${common}`;
}
