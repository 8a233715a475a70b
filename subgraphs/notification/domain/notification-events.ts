import type { Notification, NotificationStep } from './notification.ts';

/** A notification as events and the document store carry it: plain JSON, instants as RFC 3339. */
export type NotificationSnapshot = {
  readonly [Field in keyof Notification]: Notification[Field] extends Date
    ? string
    : Notification[Field] extends Date | null
      ? string | null
      : Notification[Field];
};

export function snapshotOf(notification: Notification): NotificationSnapshot {
  const { dueAt, sentAt, readAt, createdAt, updatedAt } = notification;
  return {
    ...notification,
    dueAt: dueAt?.toISOString() ?? null,
    sentAt: sentAt?.toISOString() ?? null,
    readAt: readAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

export function notificationFromSnapshot(data: unknown): Notification {
  const snapshot = data as NotificationSnapshot;
  const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));
  return {
    ...snapshot,
    dueAt: instant(snapshot.dueAt),
    sentAt: instant(snapshot.sentAt),
    readAt: instant(snapshot.readAt),
    createdAt: new Date(snapshot.createdAt),
    updatedAt: new Date(snapshot.updatedAt),
  };
}

/** What the outbox is told of a notification's change. */
export interface NotificationChange {
  readonly type: string;
  readonly subject: string;
  readonly ownerId: string;
  readonly version: number;
  readonly data: NotificationSnapshot;
  readonly occurredAt: Date;
}

function change(type: string, notification: Notification): NotificationChange {
  const { id: subject, userId: ownerId, version, updatedAt: occurredAt } = notification;
  return { type, subject, ownerId, version, data: snapshotOf(notification), occurredAt };
}

/** What is told of a new notification: one in the app is sent with that. */
export function arrival(notification: Notification): NotificationChange {
  return change(notification.delivery === 'SENT' ? 'notification.sent' : 'notification.created', notification);
}

/** What is told of a step; undefined of an attempt that has begun, or will be made again. */
export function stepTold(notification: Notification, step: NotificationStep): NotificationChange | undefined {
  switch (step.kind) {
    case 'TAKE':
    case 'RETRY':
      return undefined;
    case 'SENT':
      return change('notification.sent', notification);
    case 'FAIL':
      return change('notification.failed', notification);
    case 'READ':
      return change('notification.read', notification);
  }
}

/** Is this the event with which a notification came into its user's list? */
export function isArrival({ type, data }: { readonly type: string; readonly data: unknown }): boolean {
  return type.startsWith('notification.') && (data as NotificationSnapshot).version === 1;
}
