import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { documentQueries, type DocumentQuery } from '#notification/store/documents/document-queries.ts';
import type {
  DocumentCollection,
  DocumentStore,
  Labels,
  ListQuery,
  NewDocument,
} from '#notification/store/documents/document-store.ts';

export type Body = Readonly<Record<string, unknown>>;
export type Documents = DocumentCollection<Body>;
export type New = NewDocument<Body>;

export const LABELS = { labels: ['owner', 'work'], filters: ['status'] };
const START = Date.UTC(2026, 0, 1, 12);
export const ORDERS = ['oldest first', 'newest first'] as const;

export const at = (ms: number): Date => new Date(START + ms);
export const idsOf = (documents: readonly { id: string }[]): string[] => documents.map(({ id }) => id);
export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

export function newDocument(given: Partial<New> = {}): New {
  return { id: randomUUID(), createdAt: at(0), labels: {}, body: {}, ...given };
}

/** Many share a millisecond; ids are in no order. */
export function someDocuments(count: number, labels: (index: number) => Labels = () => ({})): New[] {
  return Array.from({ length: count }, (_, index) =>
    newDocument({ createdAt: at(Math.floor(((index * 7) % count) / 4)), labels: labels(index), body: { index } }),
  );
}

/** The ids of those documents that carry all labels, as a list must give them. */
export function listed(documents: readonly New[], { labels, order }: Pick<ListQuery, 'labels' | 'order'>): string[] {
  const sorted = documents
    .filter((each) => Object.entries(labels).every(([name, text]) => each.labels[name] === text))
    .toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || byBytes(a.id, b.id));
  return idsOf(order === 'oldest first' ? sorted : sorted.toReversed());
}

/** How many queries `work` sends for a collection. */
export async function queriesOf(collection: string, work: () => Promise<unknown>): Promise<number> {
  let queries = 0;
  const counted = (message: unknown): void => {
    if ((message as DocumentQuery).collection === collection) queries += 1;
  };
  documentQueries.subscribe(counted);
  try {
    await work();
  } finally {
    documentQueries.unsubscribe(counted);
  }
  return queries;
}

/** A collection with these documents in it; its name is its own. */
export async function collected(
  store: DocumentStore,
  ...documents: New[]
): Promise<{ name: string; documents: Documents }> {
  const name = randomUUID();
  const made = await store.collection<Body>({ name, ...LABELS });
  await Promise.all(documents.map((document) => made.insertOnce(document)));
  return { name, documents: made };
}

/** Every document of a list, read in pages. Fails on one that comes twice: such a list might have no end. */
export async function pagesOf(
  documents: Documents,
  query: ListQuery,
  between?: () => Promise<unknown>,
): Promise<string[]> {
  const seen: string[] = [];
  for (let after = query.after; ;) {
    const page = await documents.list({ ...query, after });
    expect(page.length).toBeLessThanOrEqual(query.limit);
    expect(idsOf(page).filter((id) => seen.includes(id))).toEqual([]);
    seen.push(...idsOf(page));
    after = page.at(-1);
    if (after === undefined) return seen;
    await between?.();
  }
}
