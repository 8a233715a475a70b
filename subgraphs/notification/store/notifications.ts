import type { Trace } from '#shared/cloud-event.ts';
import type { PageRequest } from '#shared/graphql/connection.ts';
import type { Outcome } from '#shared/refusal.ts';
import { arrival, notificationFromSnapshot, snapshotOf, stepTold } from '../domain/notification-events.ts';
import type { NotificationSnapshot } from '../domain/notification-events.ts';
import {
  advanced,
  statusOf,
  type Channel,
  type Notification,
  type NotificationStatus,
  type NotificationStep,
} from '../domain/notification.ts';
import type { DocumentStore, Labels, ListQuery, Place } from './documents/document-store.ts';
import { placeOf } from './list-place.ts';
import { TellingDocuments, untold, WORK, type Telling } from './telling-documents.ts';

/** The key under which a document was made, and what was answered. */
export interface StoredCall {
  /** Base64 of the call's fingerprint. */
  readonly fingerprint: string;
  readonly outcome: Outcome<unknown>;
}

/** Everything about one notification, in one document. */
interface NotificationBody extends Telling {
  /** Null when the call that names this document was refused. */
  readonly notification: NotificationSnapshot | null;
  /** Null when an event made it. */
  readonly call: StoredCall | null;
}

export interface NewNotification {
  readonly notification: Notification;
  readonly call?: StoredCall;
  readonly trace?: Trace;
}

export interface NotificationQuery {
  /** Only of this user; of all when undefined. */
  readonly userId: string | undefined;
  readonly status?: NotificationStatus | null | undefined;
  readonly channel?: Channel | null | undefined;
}

const OWNER = 'owner';
const UNREAD = 'unread';
const DELIVER = 'DELIVER';
/** The label that tells notifications from refused calls, in the list of all. */
const LISTED = 'listed';

/** A page of what waits to be delivered; most are due when they are seen first. */
const DUE_PAGE = 100;

/** The notifications of all users, newest first in every list. */
export class Notifications {
  readonly documents: TellingDocuments<NotificationBody>;

  private constructor(documents: TellingDocuments<NotificationBody>) {
    this.documents = documents;
  }

  static async open(store: DocumentStore): Promise<Notifications> {
    const labels = [OWNER, UNREAD, WORK];
    const filters = [LISTED, 'status', 'channel'];
    const collection = await store.collection<NotificationBody>({ name: 'notifications', labels, filters });
    return new Notifications(new TellingDocuments(collection, labelsOf));
  }

  /** Adds a notification with what is told of it; false when there is something with this id. */
  add({ notification, call, trace }: NewNotification): Promise<boolean> {
    const { id, createdAt } = notification;
    return this.documents.insertOnce(id, createdAt, {
      notification: snapshotOf(notification),
      call: call ?? null,
      untold: [untold({ ...arrival(notification), ...trace })],
    });
  }

  /** Keeps that a call was refused; false when there is something with this id. */
  addRefusal(id: string, at: Date, call: StoredCall): Promise<boolean> {
    return this.documents.insertOnce(id, at, { notification: null, call, untold: [] });
  }

  async findCall(id: string): Promise<StoredCall | undefined> {
    const [body] = await this.documents.get([id]);
    return body?.call ?? undefined;
  }

  async find(ids: readonly string[]): Promise<Notification[]> {
    return (await this.documents.get(ids)).flatMap(notificationIn);
  }

  /** Takes a step with what is told of it; undefined when there is no such notification, or the step does not lead on from where it is. */
  async step(
    id: string,
    step: NotificationStep,
    { at, trace }: { at: Date; trace?: Trace },
  ): Promise<Notification | undefined> {
    const changed = await this.documents.change(id, (body) => {
      const [before] = notificationIn(body);
      const after = before && advanced(before, step, at);
      if (after === undefined) return undefined;
      const told = stepTold(after, step);
      const news = told === undefined ? [] : [untold({ ...told, ...trace })];
      return { ...body, notification: snapshotOf(after), untold: [...body.untold, ...news] };
    });
    return changed && notificationIn(changed)[0];
  }

  async page({ userId, status, channel }: NotificationQuery, page: PageRequest): Promise<Notification[]> {
    const labels = {
      ...(userId === undefined ? { [LISTED]: 'all' } : { [OWNER]: userId }),
      ...(status != null && { status }),
      ...(channel != null && { channel }),
    };
    return (await this.documents.list({ labels, ...newestFirst(page) })).flatMap(notificationIn);
  }

  /** The same page of many users' lists. */
  async pages(userIds: readonly string[], page: PageRequest): Promise<ReadonlyMap<string, readonly Notification[]>> {
    const query = { labels: {}, ...newestFirst(page) };
    const lists = await this.documents.listEach({ label: OWNER, values: userIds }, query);
    return new Map([...lists].map(([userId, bodies]) => [userId, bodies.flatMap(notificationIn)]));
  }

  /** How many notifications each of these users has not read yet. */
  unread(userIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.documents.countEach({ label: UNREAD, values: userIds });
  }

  /** E-mails whose time has come, the oldest first. */
  async due(now: Date, limit: number): Promise<Notification[]> {
    const due: Notification[] = [];
    let after: Place | undefined;
    do {
      const query = { labels: { [WORK]: DELIVER }, order: 'oldest first', after, limit: DUE_PAGE } as const;
      const waiting = (await this.documents.list(query)).flatMap(notificationIn);
      due.push(...waiting.filter(({ dueAt }) => dueAt !== null && dueAt <= now));
      after = waiting.length === DUE_PAGE ? waiting.at(-1) : undefined;
    } while (after !== undefined && due.length < limit);
    return due.slice(0, limit);
  }
}

function notificationIn({ notification }: NotificationBody): Notification[] {
  return notification === null ? [] : [notificationFromSnapshot(notification)];
}

function labelsOf(body: NotificationBody): Labels {
  const [notification] = notificationIn(body);
  if (notification === undefined) return {};
  const { userId, channel, readAt, delivery } = notification;
  return {
    [OWNER]: userId,
    [LISTED]: 'all',
    status: statusOf(notification),
    channel,
    ...(readAt === null && { [UNREAD]: userId }),
    ...(delivery === 'PENDING' && { [WORK]: DELIVER }),
  };
}

function newestFirst({ limit, after }: PageRequest): Omit<ListQuery, 'labels'> {
  return { order: 'newest first', limit, after: placeOf(after) };
}
