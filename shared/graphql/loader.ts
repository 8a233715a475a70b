import DataLoader from 'dataloader';
import type { RequestContext } from './context.ts';

/** Large enough for a page of pages, small enough for one statement. */
const BATCH = 500;

/**
 * A batching loader that lives as long as its operation: what one operation asks for by id, in however many places, is one query.
 * `find` may give what exists in any order; `null` stands for what does not.
 */
export function loaderPerRequest<Found>(
  find: (ids: readonly string[]) => Promise<readonly Found[]>,
  idOf: (found: Found) => string,
): (context: RequestContext) => DataLoader<string, Found | null> {
  const loaders = new WeakMap<RequestContext, DataLoader<string, Found | null>>();
  const load = async (ids: readonly string[]): Promise<(Found | null)[]> => {
    const byId = new Map((await find(ids)).map((found) => [idOf(found), found]));
    return ids.map((id) => byId.get(id) ?? null);
  };
  return (context) => {
    const loader = loaders.get(context) ?? new DataLoader(load, { maxBatchSize: BATCH });
    loaders.set(context, loader);
    return loader;
  };
}
