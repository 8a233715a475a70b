import { and, asc, count, desc, eq, sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { invariant } from '#shared/invariant.ts';
import type { Database } from '#shared/store/postgres.ts';
import { documents, INDEXED_LABELS, labelText } from '../tables.ts';
import { publishQuery, type DocumentQuery } from './document-queries.ts';
import type {
  ByLabel,
  ChangedDocument,
  CollectionOptions,
  DocumentCollection,
  DocumentStore,
  Labels,
  ListQuery,
  NewDocument,
  Pages,
  StoredDocument,
} from './document-store.ts';
import { canMatch, checkKeepable, checkLabel, distinctKeepable } from './keepable-text.ts';

/**
 * Documents in PostgreSQL, in the one table `documents`: every operation is one statement, and commits by itself. The pool stays its
 * owner's. A label needs an index in tables.ts: a collection with another is refused.
 *
 * An operation that rejects because its connection was lost may have taken effect; nothing is sent twice.
 */
export function openPostgresDocuments(db: Database): DocumentStore {
  return {
    collection: async <Body extends object>(options: CollectionOptions) => new PostgresDocuments<Body>(db, options),
    check: async () => {
      await db.execute(sql`SELECT 1`);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const { id, createdAt, revision, labels, body } = documents;

class PostgresDocuments<Body extends object> implements DocumentCollection<Body> {
  readonly #db: Database;
  readonly #options: CollectionOptions;
  readonly #inCollection: SQL;

  constructor(db: Database, options: CollectionOptions) {
    for (const label of options.labels) {
      invariant(INDEXED_LABELS.includes(label), `documents have no index for the label ${label}`);
    }
    this.#db = db;
    this.#options = options;
    this.#inCollection = eq(documents.collection, options.name);
  }

  async insertOnce(document: NewDocument<Body>): Promise<boolean> {
    checkKeepable(this.#options, document);
    this.#asked('insertOnce');
    const written = await this.#db
      .insert(documents)
      .values({ ...document, collection: this.#options.name, revision: 1 })
      .onConflictDoNothing()
      .returning({ id });
    return written.length === 1;
  }

  async compareAndSet(changed: ChangedDocument<Body>): Promise<boolean> {
    checkKeepable(this.#options, changed);
    this.#asked('compareAndSet');
    const written = await this.#db
      .update(documents)
      .set({ labels: changed.labels, body: changed.body, revision: changed.revision + 1 })
      .where(and(this.#inCollection, eq(id, changed.id), eq(revision, changed.revision)))
      .returning({ id });
    return written.length === 1;
  }

  async get(ids: readonly string[]): Promise<StoredDocument<Body>[]> {
    const possible = distinctKeepable(ids);
    if (possible.length === 0) return [];
    this.#asked('get');
    return documentsOf<Body>(
      await this.#db
        .select({ id, createdAt, revision, labels, body })
        .from(documents)
        .where(and(this.#inCollection, isAmong(id, possible))),
    );
  }

  async list(query: ListQuery): Promise<StoredDocument<Body>[]> {
    if (!canMatch(query)) return [];
    this.#checkLabels(Object.keys(query.labels));
    this.#asked('list');
    return documentsOf<Body>(await pageOf(this.#db, query, this.#inCollection));
  }

  async listEach(by: ByLabel, query: ListQuery): Promise<Pages<Body>> {
    const values = distinctKeepable(by.values);
    if (values.length === 0 || !canMatch(query)) return new Map();
    this.#checkLabels([by.label, ...Object.keys(query.labels)]);
    this.#asked('listEach');
    const wanted = sql`jsonb_array_elements_text(${JSON.stringify(values)}::jsonb) AS wanted (text)`;
    const page = pageOf(this.#db, query, and(this.#inCollection, sql`${textOf(by.label)} = wanted.text`)).as('page');
    const found = await this.#db
      .select({
        id: page.id,
        createdAt: page.createdAt,
        revision: page.revision,
        labels: page.labels,
        body: page.body,
      })
      .from(wanted)
      .crossJoinLateral(page)
      .orderBy(...inOrder(query, page));
    return Map.groupBy(documentsOf<Body>(found), (document) => document.labels[by.label] ?? '');
  }

  async countEach({ label, values }: ByLabel): Promise<ReadonlyMap<string, number>> {
    const possible = distinctKeepable(values);
    if (possible.length === 0) return new Map();
    this.#checkLabels([label]);
    this.#asked('countEach');
    const text = textOf(label);
    const counted = await this.#db
      .select({ text, documents: count() })
      .from(documents)
      .where(and(this.#inCollection, isAmong(text, possible)))
      .groupBy(text);
    return new Map(counted.map((row) => [row.text, row.documents]));
  }

  #checkLabels(names: readonly string[]): void {
    for (const name of names) checkLabel(this.#options, name);
  }

  #asked(operation: DocumentQuery['operation']): void {
    publishQuery({ operation, collection: this.#options.name });
  }
}

/** One page of the documents that fulfil `where` and the query. */
function pageOf(db: Database, query: ListQuery, where: SQL | undefined) {
  return db
    .select({ id, createdAt, revision, labels, body })
    .from(documents)
    .where(and(where, hasLabels(query.labels), isAfter(query)))
    .orderBy(...inOrder(query, documents))
    .limit(query.limit);
}

type Keys = Readonly<Record<'createdAt' | 'id', PgColumn>>;

function inOrder({ order }: ListQuery, keys: Keys): SQL[] {
  const direction = order === 'oldest first' ? asc : desc;
  return [direction(keys.createdAt), direction(keys.id)];
}

function isAfter({ after, order }: ListQuery): SQL | undefined {
  if (after === undefined) return undefined;
  const beyond = sql.raw(order === 'oldest first' ? '>' : '<');
  return sql`(${createdAt}, ${id}) ${beyond} (${after.createdAt.toISOString()}::timestamptz, ${after.id})`;
}

function hasLabels(wanted: Labels): SQL | undefined {
  return and(...Object.entries(wanted).map(([name, text]) => eq(textOf(name), text)));
}

/** The texts are one parameter, so that the statement is the same for any number of them. */
function isAmong(what: SQL | PgColumn, texts: readonly string[]): SQL {
  return sql`${what} = ANY(ARRAY(SELECT jsonb_array_elements_text(${JSON.stringify(texts)}::jsonb)))`;
}

const textOf = (label: string): SQL<string> => labelText(labels, label);

function documentsOf<Body>(rows: readonly StoredDocument<unknown>[]): StoredDocument<Body>[] {
  return rows as StoredDocument<Body>[];
}
