/**
 * The port to a store of documents. It promises little on purpose, so that PostgreSQL's JSONB and MongoDB keep the same promise: a document
 * is written whole, alone, by insert-once or compare-and-set, and there is no transaction over two. Whatever belongs together
 * (a notification, the key that made it, the events it still has to tell) is therefore one document.
 * While the store is away, everything rejects with an error of which `isUnreachable` (shared/store/postgres.ts) is true.
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
  /** Further labels, by which a list can be narrowed; they have no index. */
  readonly filters?: readonly string[];
}

/** What a document is listed by: names to texts. Every name must be among the collection's labels or filters. */
export type Labels = Readonly<Record<string, string>>;

/**
 * A document as it is kept. Ids and labels compare by their bytes; they are well-formed and without NUL, which PostgreSQL does not take:
 * a write of another rejects, and a question for another finds nothing.
 */
export interface StoredDocument<Body> {
  readonly id: string;
  /** To the millisecond; with the id its place in every list. Never changes. */
  readonly createdAt: Date;
  /** 1 when inserted, one more with every compare-and-set. */
  readonly revision: number;
  readonly labels: Labels;
  /** Plain JSON, its texts and keys well-formed and without NUL: what comes out equals what went in. */
  readonly body: Body;
}

/** A document that is to be added. */
export type NewDocument<Body> = Omit<StoredDocument<Body>, 'revision'>;

/** What is to become of the document that had this revision when it was read. */
export type ChangedDocument<Body> = Omit<StoredDocument<Body>, 'createdAt'>;

/** Many lists: of the documents with the label equal to each of the values. */
export interface ByLabel {
  readonly label: string;
  readonly values: readonly string[];
}

/** The documents of many lists, by the value of their label. A value without documents is not there. */
export type Pages<Body> = ReadonlyMap<string, readonly StoredDocument<Body>[]>;

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
  insertOnce(document: NewDocument<Body>): Promise<boolean>;
  /** Replaces labels and body if the document still has the revision that was read; false, and nothing is written, when it has not. */
  compareAndSet(changed: ChangedDocument<Body>): Promise<boolean>;
  /** Those documents of `ids` that exist, in no particular order, in one query. */
  get(ids: readonly string[]): Promise<StoredDocument<Body>[]>;
  /** A page of a list, in order of (createdAt, id). */
  list(query: ListQuery): Promise<StoredDocument<Body>[]>;
  /** The same page of many lists at once. One query, or a few where the store cannot do it in one; never one for each value. */
  listEach(by: ByLabel, query: ListQuery): Promise<Pages<Body>>;
  /** How many documents have `label` equal to each of `values`, in one query. A value without documents is not in the answer. */
  countEach(by: ByLabel): Promise<ReadonlyMap<string, number>>;
}
