import type { ByLabel, ListQuery, Pages, Place, StoredDocument } from './document-store.ts';

/** One question of a round: the first `limit` documents after a place, of those with the label equal to any `among`. */
interface Round extends Pick<ListQuery, 'order' | 'after' | 'limit'> {
  readonly among: readonly string[];
}

/** A round that wants fewer documents than this does not ask for more: about as many bytes as one answer of MongoDB may have (16 MB). */
const LONGEST_ROUND = 5_000;
/** How much more generously each round asks than the one before. */
const GROWTH = 4;

/**
 * The same page of many lists, from a store that can only list them together; `values` names each once. Each round asks for the documents of all values whose pages
 * are not full, from where the last one ended, and for at least as many as these pages still lack. So when an answer is cut off, at least
 * one page is full (were each short of a document, the answer would be shorter than its limit), and when it is not, these values have no
 * more documents. Hence there are never more rounds than values; one where no value has more than a page, and where some do, about as many
 * as it takes to grow from the documents that are wanted to those that are in their way.
 */
export async function pagesInRounds<Body>(
  { label, values }: ByLabel,
  query: ListQuery,
  find: (round: Round) => Promise<readonly StoredDocument<Body>[]>,
): Promise<Pages<Body>> {
  const pages = new Map<string, StoredDocument<Body>[]>();
  const lacks = (value: string): number => query.limit - (pages.get(value)?.length ?? 0);
  let after: Place | undefined = query.after;
  for (let generosity = 1; ; generosity *= GROWTH) {
    const among = values.filter((value) => lacks(value) > 0);
    if (among.length === 0) return pages;
    const lacking = among.reduce((sum, value) => sum + lacks(value), 0);
    const limit = Math.max(lacking, Math.min(lacking * generosity, LONGEST_ROUND));
    const found = await find({ among, limit, after, order: query.order });
    for (const document of found) {
      const value = document.labels[label] ?? '';
      if (lacks(value) > 0) pages.set(value, [...(pages.get(value) ?? []), document]);
    }
    if (found.length < limit) return pages;
    after = found.at(-1);
  }
}
