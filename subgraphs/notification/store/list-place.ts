import type { SortKeys } from '#shared/graphql/connection.ts';
import type { Place } from './documents/document-store.ts';

/** The text that orders a list: when, then which. */
export function sortKeyOf({ createdAt, id }: Place): string {
  return `${createdAt.toISOString()}|${id}`;
}

export const SORT_KEYS: SortKeys = {
  test: (text) => {
    const [, instant = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\|[\w-]+$/.exec(text) ?? [];
    const at = new Date(instant);
    // There is no 30th of February, though it is well written.
    return !Number.isNaN(at.getTime()) && at.toISOString() === instant;
  },
};

/** The place that a sort key names. */
export function placeOf(sortKey: string | undefined): Place | undefined {
  const [createdAt, id] = sortKey?.split('|') ?? [];
  return createdAt === undefined || id === undefined ? undefined : { createdAt: new Date(createdAt), id };
}
