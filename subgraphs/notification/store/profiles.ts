import type { Trace } from '#shared/cloud-event.ts';
import type { PageRequest } from '#shared/graphql/connection.ts';
import { profileApplied, replaces, type Profile } from '../domain/profile.ts';
import type { DocumentStore } from './documents/document-store.ts';
import { placeOf } from './list-place.ts';
import { TellingDocuments, untold, WORK, type Telling } from './telling-documents.ts';

type ProfileSnapshot = Omit<Profile, 'createdAt' | 'updatedAt'> & {
  readonly createdAt: string;
  readonly updatedAt: string;
};

interface ProfileBody extends Telling {
  readonly profile: ProfileSnapshot;
}

/** What this service keeps of users. */
export class Profiles {
  readonly documents: TellingDocuments<ProfileBody>;

  private constructor(documents: TellingDocuments<ProfileBody>) {
    this.documents = documents;
  }

  static async open(store: DocumentStore): Promise<Profiles> {
    const collection = await store.collection<ProfileBody>({ name: 'profiles', labels: [WORK] });
    return new Profiles(new TellingDocuments(collection, () => ({})));
  }

  /** Keeps what is known of a user, and tells that it does; what comes late or twice changes nothing. */
  async note(profile: Profile, { at, trace }: { at: Date; trace: Trace }): Promise<void> {
    const { userId, createdAt } = profile;
    // Only the newest has to be told: who holds it holds all before.
    const body = { profile: toSnapshot(profile), untold: [untold({ ...profileApplied(profile, at), ...trace })] };
    if (await this.documents.insertOnce(userId, createdAt, body)) return;
    await this.documents.change(userId, (known) => (replaces(known.profile, profile) ? body : undefined));
  }

  async find(userIds: readonly string[]): Promise<Profile[]> {
    return (await this.documents.get(userIds)).map(toProfile);
  }

  /** A page of all, those of the newest users first. */
  async page(page: PageRequest): Promise<Profile[]> {
    const query = { labels: {}, order: 'newest first', after: placeOf(page.after), limit: page.limit } as const;
    return (await this.documents.list(query)).map(toProfile);
  }
}

function toSnapshot({ createdAt, updatedAt, ...profile }: Profile): ProfileSnapshot {
  return { ...profile, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

function toProfile({ profile: { createdAt, updatedAt, ...profile } }: ProfileBody): Profile {
  return { ...profile, createdAt: new Date(createdAt), updatedAt: new Date(updatedAt) };
}
