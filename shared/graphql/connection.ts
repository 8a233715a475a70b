import { badInput } from '../refusal.ts';

/** The arguments of a Relay connection that pages forwards. */
export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
}

/** What a store is asked for: one row more than the page, so that it shows whether there is a next one. */
export interface PageRequest {
  readonly limit: number;
  readonly after: string | undefined;
}

export interface Connection<Node> {
  readonly edges: readonly { readonly node: Node; readonly cursor: string }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** A regular expression, where one is enough. */
export type SortKeys = Pick<RegExp, 'test'>;

const PAGE_DEFAULT = 20;
/** Keeps an answer, and the entity fetches behind it, small; clients page on. */
const PAGE_MOST = 100;

/** Checks page arguments. The cursor's content is the list's sort key, opaque to clients; `sortKeys` tells which texts are one. */
export function pageRequest({ first, after }: PageArguments, sortKeys: SortKeys): PageRequest {
  const size = first ?? PAGE_DEFAULT;
  if (size < 1 || size > PAGE_MOST) throw badInput('first', `A page has 1 to ${PAGE_MOST} entries.`);
  return { limit: size + 1, after: after == null ? undefined : decode(after, sortKeys) };
}

/** Makes a connection of the rows a store found for a {@link PageRequest}. */
export function connection<Node>(
  rows: readonly Node[],
  page: PageRequest,
  sortKey: (node: Node) => string,
): Connection<Node> {
  const edges = rows.slice(0, page.limit - 1).map((node) => ({ node, cursor: encode(sortKey(node)) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length === page.limit,
      hasPreviousPage: page.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

const PREFIX = 'after:';

function encode(sortKey: string): string {
  return Buffer.from(PREFIX + sortKey).toString('base64url');
}

function decode(cursor: string, sortKeys: SortKeys): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const sortKey = text.slice(PREFIX.length);
  if (!text.startsWith(PREFIX) || !sortKeys.test(sortKey))
    throw badInput('after', 'This is not a cursor of this list.');
  return sortKey;
}
