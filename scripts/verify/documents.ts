import type { Collection, Filter } from 'mongodb';
import { canonical, type Copies, type Copy } from './records.ts';
import { AMONG, BATCH, inBatches, listed, type MongoReader, type Reader } from './readers.ts';

/** A document of the notification service, as far as the checks look at it. */
export interface Document {
  readonly key: string;
  readonly body: {
    readonly profile?: Readonly<Record<string, unknown>> & { readonly revision: number };
    readonly notification?: Told | null;
    readonly call?: { readonly outcome: KeptOutcome | null } | null;
  };
}

interface Told {
  readonly id: string;
  readonly userId: string;
  readonly template: string;
  readonly body: string;
}

/** What is frozen under a key. */
export interface KeptOutcome {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly userErrors?: readonly { readonly code: string }[];
}

type CollectionName = 'profiles' | 'notifications';

/** The notification service's documents, wherever they are kept. */
export interface Documents {
  batches(collection: CollectionName): AsyncGenerator<readonly Document[]>;
  find(collection: CollectionName, ids: readonly string[]): Promise<readonly Document[]>;
  /** The notifications of these users. */
  ofUsers(userIds: readonly string[]): Promise<readonly Document[]>;
  /** How many have something to tell, or to deliver now. */
  unfinished(): Promise<number>;
}

/** Documents in PostgreSQL. */
export function postgresDocuments(reader: Reader): Documents {
  const select = 'SELECT id AS key, body FROM documents';
  return {
    batches: (collection) =>
      inBatches('', (after) =>
        reader.rows<Document>(`${select} WHERE collection = $1 AND id > $2 ORDER BY id LIMIT ${BATCH}`, [
          collection,
          after,
        ]),
      ),
    find: (collection, ids) =>
      reader.rows<Document>(`${select} WHERE id = ANY(${AMONG}) AND collection = $2`, [listed(ids), collection]),
    ofUsers: (userIds) =>
      reader.rows<Document>(
        `${select} WHERE collection = 'notifications' AND (labels ->> 'owner') IS NOT NULL AND labels ->> 'owner' = ANY(${AMONG})`,
        [listed(userIds)],
      ),
    unfinished: async () => {
      // An e-mail that a killed process had taken waits until its turn lapses.
      const [row] = await reader.rows<{ many: number }>(`
        SELECT count(*)::int AS many FROM documents
        WHERE labels ->> 'work' = 'TELL' OR (labels ? 'work' AND (body #>> '{notification,dueAt}')::timestamptz < now())`);
      return row?.many ?? 0;
    },
  };
}

/** As MongoDB keeps them: the body is JSON text. */
interface Kept {
  readonly _id: string;
  readonly body: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Documents in MongoDB. */
export function mongoDocuments({ db }: MongoReader): Documents {
  const from = (collection: CollectionName): Collection<Kept> => db.collection<Kept>(collection);
  const toDocument = ({ _id, body }: Kept): Document => ({ key: _id, body: JSON.parse(body) as Document['body'] });
  const all = async (collection: CollectionName, filter: Filter<Kept>): Promise<Document[]> =>
    (await from(collection).find(filter).toArray()).map(toDocument);
  return {
    batches: (collection) =>
      inBatches('', async (after) =>
        (
          await from(collection)
            .find({ _id: { $gt: after } })
            .sort({ _id: 1 })
            .limit(BATCH)
            .toArray()
        ).map(toDocument),
      ),
    find: (collection, ids) => all(collection, { _id: { $in: [...new Set(ids)] } }),
    ofUsers: (userIds) => all('notifications', { 'labels.owner': { $in: [...new Set(userIds)] } }),
    unfinished: async () => {
      const untold = { 'labels.work': 'TELL' };
      const told = await from('notifications').countDocuments(untold);
      const profiles = await from('profiles').countDocuments(untold);
      let due = 0;
      // What waits for its delivery says when in its text.
      for await (const { body } of from('notifications').find({ 'labels.work': 'DELIVER' }).batchSize(BATCH)) {
        const { notification } = JSON.parse(body) as { notification: { dueAt: string | null } | null };
        if (notification?.dueAt != null && Date.parse(notification.dueAt) < Date.now()) due += 1;
      }
      return told + profiles + due;
    },
  };
}

/** The columns of a user that a profile keeps, and their names there. */
const PROFILE = {
  first_name: 'firstName',
  last_name: 'lastName',
  email: 'email',
  mobile: 'mobile',
  status: 'status',
  version: 'version',
  created_at: 'createdAt',
  updated_at: 'updatedAt',
} as const;

/** The notification service's copies of users. */
export function profilesOf(documents: Documents): Copies {
  const toProfile = ({ key, body: { profile } }: Document): Copy[] => {
    if (profile === undefined) return [];
    const columns = Object.entries(PROFILE).map(([column, name]) => {
      const kind = column.endsWith('_at') ? 'instant' : column === 'version' ? 'integer' : 'text';
      return [column, canonical(kind, profile[name])] as const;
    });
    return [{ key, revision: profile.revision, columns: Object.fromEntries(columns) }];
  };
  return {
    name: 'notification',
    columns: Object.keys(PROFILE),
    async *batches() {
      for await (const batch of documents.batches('profiles')) yield batch.flatMap(toProfile);
    },
    find: async (ids) =>
      new Map((await documents.find('profiles', ids)).flatMap(toProfile).map((copy) => [copy.key, copy])),
  };
}
