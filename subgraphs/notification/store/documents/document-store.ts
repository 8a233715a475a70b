/**
 * The port to a store of documents. It promises little on purpose, so that PostgreSQL's JSONB and MongoDB keep the same promise: a document
 * is written whole, alone, by insert-once or compare-and-set, and there is no transaction over two. Whatever belongs together
 * (a notification, the key that made it, the events it still has to tell) is therefore one document.
 */
export interface DocumentStore extends AsyncDisposable {
  /** The collection of this name; made, with its indexes, when it is not there. */
  collection<Body extends object>(options: CollectionOptions): Promise<DocumentCollection<Body>>;
  /** Rejects when the store cannot be reached. */
  check(): Promise<void>;
}

export interface CollectionOptions {
  readonly name: string;
  /** The labels that lists are asked for by; each is indexed with (createdAt, id) behind it. */
  readonly labels: readonly string[];
}

/** What a document is listed by: names to texts. Every name must be among the collection's labels. */
export type Labels = Readonly<Record<string, string>>;

/** A document as it is kept. All strings, ids and labels too, compare by their bytes. */
export interface StoredDocument<Body> {
  readonly id: string;
  /** To the millisecond; with the id its place in every list. Never changes. */
  readonly createdAt: Date;
  /** 1 when inserted, one more with every compare-and-set. */
  readonly revision: number;
  readonly labels: Labels;
  /** Plain JSON: what comes out equals what went in. */
  readonly body: Body;
}

/** A place in a list: the last document that was seen. */
export type Place = Pick<StoredDocument<unknown>, 'createdAt' | 'id'>;

export interface ListQuery {
  /** Only documents that carry all of these; every document when empty. */
  readonly labels: Labels;
  readonly order: 'oldest first' | 'newest first';
  /** Only what comes behind this place, in the list's order. */
  readonly after?: Place | undefined;
  /** At most this many. */
  readonly limit: number;
}

export interface DocumentCollection<Body extends object> {
  /** Adds a document; false, and nothing is written, when there is one with this id. */
  insertOnce(document: Omit<StoredDocument<Body>, 'revision'>): Promise<boolean>;
  /** Replaces labels and body if the document still has the revision that was read; false, and nothing is written, when it has not. */
  compareAndSet(changed: Omit<StoredDocument<Body>, 'createdAt'>): Promise<boolean>;
  /** Those documents of `ids` that exist, in no particular order, in one query. */
  get(ids: readonly string[]): Promise<StoredDocument<Body>[]>;
  /** A page of a list, in order of (createdAt, id). */
  list(query: ListQuery): Promise<StoredDocument<Body>[]>;
  /**
   * The same page of many lists at once: of the documents with `label` equal to each of `values`. One query, or a few where the store
   * cannot do it in one; never one for each value. A value without documents is not in the answer.
   */
  listEach(
    by: { readonly label: string; readonly values: readonly string[] },
    query: ListQuery,
  ): Promise<ReadonlyMap<string, readonly StoredDocument<Body>[]>>;
  /** How many documents have `label` equal to each of `values`, in one query. A value without documents is not in the answer. */
  countEach(by: { readonly label: string; readonly values: readonly string[] }): Promise<ReadonlyMap<string, number>>;
}
