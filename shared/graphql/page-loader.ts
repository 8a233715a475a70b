import DataLoader from 'dataloader';
import {
  connection,
  pageRequest,
  type Connection,
  type PageArguments,
  type PageRequest,
  type SortKeys,
} from './connection.ts';
import type { RequestContext } from './context.ts';

/** A page of owners is at most 100; a page of pages of them is more than one statement should bring. */
const BATCH = 500;

interface Lists<Node> {
  /** The same page of many owners' lists, each in the list's order, in one query. An owner whose page is empty may be left out. */
  readonly find: (owners: readonly string[], page: PageRequest) => Promise<ReadonlyMap<string, readonly Node[]>>;
  /** Which texts are a sort key; see {@link pageRequest}. */
  readonly sortKeys: SortKeys;
  readonly sortKey: (node: Node) => string;
}

/** Gives a page of an owner's list. Throws `BAD_USER_INPUT` when the page's arguments are malformed. */
export type PageLoader<Node> = (
  context: RequestContext,
  ownerId: string,
  page: PageArguments,
) => Promise<Connection<Node>>;

/**
 * Batches pages of lists that belong to records: `users { orders }` asks for the same page of every user, and is one query however many
 * users there are. What is asked for again later in the operation is read again: a mutation in between may have changed it.
 */
export function pagesPerRequest<Node>({ find, sortKeys, sortKey }: Lists<Node>): PageLoader<Node> {
  const operations = new WeakMap<RequestContext, Map<string, DataLoader<string, readonly Node[]>>>();

  function loaderOf(context: RequestContext, page: PageRequest): DataLoader<string, readonly Node[]> {
    const loaders = operations.get(context) ?? new Map<string, DataLoader<string, readonly Node[]>>();
    operations.set(context, loaders);
    const name = JSON.stringify([page.limit, page.after]);
    const loader = loaders.get(name) ?? new DataLoader(load, { maxBatchSize: BATCH, cache: false });
    loaders.set(name, loader);
    return loader;

    async function load(owners: readonly string[]): Promise<(readonly Node[])[]> {
      const lists = await find([...new Set(owners)], page);
      return owners.map((owner) => lists.get(owner) ?? []);
    }
  }

  return async (context, ownerId, given) => {
    const page = pageRequest(given, sortKeys);
    return connection(await loaderOf(context, page).load(ownerId), page, sortKey);
  };
}
