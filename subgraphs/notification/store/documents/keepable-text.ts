import { invariant } from '#shared/invariant.ts';
import type { CollectionOptions, ListQuery, StoredDocument } from './document-store.ts';

/** Can this be an id or a label's text? PostgreSQL takes no NUL, and a lone surrogate has no bytes that the stores would keep. */
function isKeepable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** Each of `texts` once, without those that no document can have. */
export function distinctKeepable(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter(isKeepable);
}

/** Can there be a document in this list? */
export function canMatch({ labels, after, limit }: ListQuery): boolean {
  return limit > 0 && [...Object.values(labels), after?.id ?? ''].every(isKeepable);
}

/** Throws when a document cannot be kept as the port promises it. */
export function checkKeepable(
  options: CollectionOptions,
  { id, labels }: Pick<StoredDocument<unknown>, 'id' | 'labels'>,
): void {
  invariant(
    [id, ...Object.values(labels)].every(isKeepable),
    `ids and labels of ${options.name} are well-formed and have no NUL`,
  );
  for (const label of Object.keys(labels)) checkLabel(options, label);
}

/** Throws when the collection has no such label. */
export function checkLabel({ name, labels, filters = [] }: CollectionOptions, label: string): void {
  invariant(labels.includes(label) || filters.includes(label), `${label} is no label of ${name}`);
}
