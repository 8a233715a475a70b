/** What this service keeps of a user: enough to address them without asking. Seen from the user service it is a copy. */
export interface Profile {
  /** The user's id. */
  readonly userId: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly mobile: string | null;
  readonly status: string;
  /** Of the user that it was copied from; orders what comes late. */
  readonly revision: number;
  /** The user's version within that revision. */
  readonly version: number;
  /** Of the user. */
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Does what has come replace what is known? What comes late or twice does not. */
export function replaces(known: Pick<Profile, 'revision'> | undefined, come: Pick<Profile, 'revision'>): boolean {
  return known === undefined || come.revision > known.revision;
}

/** What the outbox is told when a user's copy has reached a version: sync shows it as it shows its own targets. */
export interface ProfileChange {
  readonly type: 'replica.applied';
  readonly subject: string;
  readonly ownerId: string;
  readonly version: number;
  readonly data: {
    readonly entity: 'USER';
    readonly recordId: string;
    readonly target: 'notification';
    readonly targetRevision: number;
    readonly targetVersion: number;
  };
  readonly occurredAt: Date;
}

export function profileApplied({ userId, revision, version }: Profile, occurredAt: Date): ProfileChange {
  return {
    type: 'replica.applied',
    subject: userId,
    ownerId: userId,
    version,
    data: {
      entity: 'USER',
      recordId: userId,
      target: 'notification',
      targetRevision: revision,
      targetVersion: version,
    },
    occurredAt,
  };
}

/** A user as the gateway hands it over: with the version that it has just read at the user service, where a field asks for it. */
export interface UserReference {
  readonly id: string;
  readonly version?: number;
}
