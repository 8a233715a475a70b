import {
  MongoClient,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  type Collection,
  type Db,
  type Filter,
} from 'mongodb';
import type { Log } from '#shared/log.ts';
import { StoreUnreachable } from '#shared/store/store-unreachable.ts';
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
import { pagesInRounds } from './pages-in-rounds.ts';

interface MongoOptions {
  /** Names the server and the database. */
  readonly url: string;
  readonly log: Log;
}

/** A caller that waits for its answer has given up by then; a worker tries again. */
const SERVER_FOUND_WITHIN_MS = 5_000;
/** As long as a statement may take in PostgreSQL (shared/store/postgres.ts): what takes longer is a mistake, or a connection that is gone. */
const ANSWERED_WITHIN_MS = 15_000;
/** As many as a service has to PostgreSQL, for the same reason. */
const CONNECTIONS = 10;
/** What the driver says when nobody answers. */
const AWAY = [MongoNetworkError, MongoServerSelectionError, MongoNotConnectedError, MongoTopologyClosedError];

/**
 * Documents in MongoDB 5 or later, a collection for each. Uses only what FerretDB 1.24 has too; but FerretDB's updates are not atomic, so
 * that a compare-and-set may there succeed twice: it is for tests, behind a gate (scripts/ferretdb).
 *
 * A write is answered when a majority of the servers have it in their journals. Reads go to the primary and see its latest, so whoever is
 * told that a document is there finds it.
 *
 * A write whose answer is lost is sent once more by the driver where the server knows such writes (replica sets): the server recognises it
 * and gives the first answer again, so that `false` always means somebody else's write. When the second answer is lost too, or the server
 * does not know such writes, the operation rejects and may have taken effect: a caller that tries again may be told `false` for what it
 * has written itself.
 */
export function openMongoDocuments({ url, log }: MongoOptions): DocumentStore {
  const client = new MongoClient(url, {
    appName: 'lockstep',
    maxPoolSize: CONNECTIONS,
    serverSelectionTimeoutMS: SERVER_FOUND_WITHIN_MS,
    connectTimeoutMS: SERVER_FOUND_WITHIN_MS,
    waitQueueTimeoutMS: ANSWERED_WITHIN_MS,
    socketTimeoutMS: ANSWERED_WITHIN_MS,
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'local' },
    readPreference: 'primary',
    retryWrites: true,
  });
  client.on('serverHeartbeatFailed', ({ connectionId, failure }) =>
    log.warn({ server: connectionId, err: failure }, 'MongoDB does not answer'),
  );
  return {
    collection: async <Body extends object>(options: CollectionOptions) => {
      const documents = await reaching(() => collectionWithIndexes(client.db(), options));
      return new MongoDocuments<Body>(documents, options);
    },
    check: async () => {
      await reaching(() => client.db().command({ ping: 1 }));
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** As MongoDB keeps it. The body is JSON text: some servers refuse keys with dots and dollar signs, and FerretDB lists in lists. */
interface Kept extends Omit<StoredDocument<unknown>, 'id' | 'body'> {
  readonly _id: string;
  readonly body: string;
}

async function collectionWithIndexes(db: Db, { name, labels }: CollectionOptions): Promise<Collection<Kept>> {
  const documents = db.collection<Kept>(name);
  const byTime = { createdAt: 1, _id: 1 } as const;
  // One at a time: of several that are there already, FerretDB panics.
  await documents.createIndex(byTime);
  for (const label of labels) await documents.createIndex({ [`labels.${label}`]: 1, ...byTime });
  return documents;
}

class MongoDocuments<Body extends object> implements DocumentCollection<Body> {
  readonly #documents: Collection<Kept>;
  readonly #options: CollectionOptions;

  constructor(documents: Collection<Kept>, options: CollectionOptions) {
    this.#documents = documents;
    this.#options = options;
  }

  async insertOnce({ id, createdAt, labels, body }: NewDocument<Body>): Promise<boolean> {
    checkKeepable(this.#options, { id, labels });
    const kept = { _id: id, createdAt, revision: 1, labels, body: JSON.stringify(body) };
    try {
      await this.#ask('insertOnce', () => this.#documents.insertOne(kept));
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  async compareAndSet({ id, revision, labels, body }: ChangedDocument<Body>): Promise<boolean> {
    checkKeepable(this.#options, { id, labels });
    const change = { $set: { labels, body: JSON.stringify(body), revision: revision + 1 } };
    const { modifiedCount } = await this.#ask('compareAndSet', () =>
      this.#documents.updateOne({ _id: id, revision }, change),
    );
    return modifiedCount === 1;
  }

  async get(ids: readonly string[]): Promise<StoredDocument<Body>[]> {
    const possible = distinctKeepable(ids);
    if (possible.length === 0) return [];
    const found = await this.#ask('get', () =>
      this.#documents.find({ _id: { $in: possible } }, inOneBatchOf(possible.length)).toArray(),
    );
    return found.map(toDocument<Body>);
  }

  async list(query: ListQuery): Promise<StoredDocument<Body>[]> {
    if (!canMatch(query)) return [];
    const filters = withLabels(this.#options, query.labels);
    return this.#ask('list', () => findPage<Body>(this.#documents, query, filters));
  }

  async listEach({ label, values }: ByLabel, query: ListQuery): Promise<Pages<Body>> {
    const possible = distinctKeepable(values);
    if (possible.length === 0 || !canMatch(query)) return new Map();
    const inEach = withLabels(this.#options, query.labels);
    return pagesInRounds({ label, values: possible }, query, ({ among, ...page }) => {
      const filters = [...inEach, { [pathOf(this.#options, label)]: { $in: [...among] } }];
      return this.#ask('listEach', () => findPage<Body>(this.#documents, page, filters));
    });
  }

  async countEach({ label, values }: ByLabel): Promise<ReadonlyMap<string, number>> {
    const possible = distinctKeepable(values);
    if (possible.length === 0) return new Map();
    const path = pathOf(this.#options, label);
    const stages = [{ $match: { [path]: { $in: possible } } }, { $group: { _id: `$${path}`, documents: { $sum: 1 } } }];
    const counted = await this.#ask('countEach', () =>
      this.#documents.aggregate<{ _id: string; documents: number }>(stages, inOneBatchOf(possible.length)).toArray(),
    );
    return new Map(counted.map((row) => [row._id, row.documents]));
  }

  #ask<Answer>(operation: DocumentQuery['operation'], question: () => Promise<Answer>): Promise<Answer> {
    publishQuery({ operation, collection: this.#options.name });
    return reaching(question);
  }
}

/** A page of the documents that fulfil all of `filters`. */
async function findPage<Body>(
  documents: Collection<Kept>,
  query: Pick<ListQuery, 'order' | 'after' | 'limit'>,
  filters: readonly Filter<Kept>[],
): Promise<StoredDocument<Body>[]> {
  const direction = query.order === 'oldest first' ? 1 : -1;
  const all = [...filters, ...isAfter(query)];
  const found = await documents
    .find(all.length === 0 ? {} : { $and: all }, inOneBatchOf(query.limit))
    .sort({ createdAt: direction, _id: direction })
    .limit(query.limit)
    .toArray();
  return found.map(toDocument<Body>);
}

/** Else the server answers with the first 101 and is asked for the others. One more than there can be tells it that none follow. */
const inOneBatchOf = (documents: number): { batchSize: number } => ({ batchSize: documents + 1 });

function isAfter({ after, order }: Pick<ListQuery, 'order' | 'after'>): Filter<Kept>[] {
  if (after === undefined) return [];
  const [from, beyond] = order === 'oldest first' ? (['$gte', '$gt'] as const) : (['$lte', '$lt'] as const);
  const { createdAt, id } = after;
  // The first line bounds the scan of the index, which MongoDB does not conclude from the second.
  return [
    { createdAt: { [from]: createdAt } },
    { $or: [{ createdAt: { [beyond]: createdAt } }, { _id: { [beyond]: id } }] },
  ];
}

function withLabels(options: CollectionOptions, labels: Labels): Filter<Kept>[] {
  return Object.entries(labels).map(([label, text]) => ({ [pathOf(options, label)]: text }));
}

function pathOf(options: CollectionOptions, label: string): string {
  checkLabel(options, label);
  return `labels.${label}`;
}

function toDocument<Body>({ _id, createdAt, revision, labels, body }: Kept): StoredDocument<Body> {
  return { id: _id, createdAt, revision, labels, body: JSON.parse(body) as Body };
}

/** The only unique index is that of the id. */
function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === 11_000;
}

/** Throws {@link StoreUnreachable} when the server is away; any other error is what was asked's own. */
async function reaching<Answer>(question: () => Promise<Answer>): Promise<Answer> {
  try {
    return await question();
  } catch (error) {
    if (!AWAY.some((kind) => error instanceof kind)) throw error;
    throw new StoreUnreachable('MongoDB does not answer', { cause: error });
  }
}
