export const CHANNELS = ['IN_APP', 'EMAIL'] as const;
export type Channel = (typeof CHANNELS)[number];

export const NOTIFICATION_STATUSES = ['PENDING', 'SENT', 'FAILED', 'READ'] as const;
export type NotificationStatus = (typeof NOTIFICATION_STATUSES)[number];

/** What a notification was made from; `MESSAGE` is one that somebody has written. */
export const TEMPLATES = ['WELCOME', 'ORDER_CONFIRMED', 'ORDER_FAILED', 'ORDER_CANCELLED', 'MESSAGE'] as const;
export type Template = (typeof TEMPLATES)[number];

export const NOTIFICATION_ERROR_CODES = ['USER_NOT_FOUND', 'NOTIFICATION_NOT_FOUND'] as const;
export type NotificationErrorCode = (typeof NOTIFICATION_ERROR_CODES)[number];

/** Is it on its way, has it been handed over, or was it given up? */
export type Delivery = 'PENDING' | 'SENT' | 'FAILED';

/**
 * A message to a user, over one channel. Being read is told apart from being delivered: an e-mail may be read in the app before it has
 * left, and leaves all the same.
 *
 * ```mermaid
 * stateDiagram-v2
 *   [*] --> SENT: made, in the app
 *   [*] --> PENDING: made, by e-mail
 *   PENDING --> PENDING: an attempt has failed
 *   PENDING --> SENT: the mail server has taken it
 *   PENDING --> FAILED: refused for good, or tried for too long
 *   SENT --> READ: read
 *   PENDING --> READ: read
 *   FAILED --> READ: read
 * ```
 */
export interface Notification {
  /** UUIDv5 of what caused it, so that one cause makes one notification. */
  readonly id: string;
  readonly userId: string;
  readonly channel: Channel;
  readonly template: Template;
  readonly subject: string;
  readonly body: string;
  readonly delivery: Delivery;
  /** How often it was tried to hand it over. */
  readonly attempts: number;
  /** Why the last attempt failed; null when it did not. */
  readonly lastError: string | null;
  /** When it is tried next, and until then whose turn it is; null unless pending. */
  readonly dueAt: Date | null;
  readonly sentAt: Date | null;
  readonly readAt: Date | null;
  /** 1 when it was made, one more with every change that is told. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface Message {
  readonly id: string;
  readonly userId: string;
  readonly channel: Channel;
  readonly template: Template;
  readonly subject: string;
  readonly body: string;
}

/** A new notification: one in the app has arrived with that, an e-mail is due at once. */
export function made(message: Message, at: Date): Notification {
  const arrived = message.channel === 'IN_APP';
  return {
    ...message,
    delivery: arrived ? 'SENT' : 'PENDING',
    attempts: arrived ? 1 : 0,
    lastError: null,
    dueAt: arrived ? null : at,
    sentAt: arrived ? at : null,
    readAt: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
}

/** What has happened to a notification. */
export type NotificationStep =
  | { readonly kind: 'TAKE'; readonly until: Date }
  | { readonly kind: 'SENT' }
  | { readonly kind: 'RETRY'; readonly error: string; readonly dueAt: Date }
  | { readonly kind: 'FAIL'; readonly error: string }
  | { readonly kind: 'READ' };

/** The notification after a step; undefined when the step does not lead on from where it is. */
export function advanced(notification: Notification, step: NotificationStep, at: Date): Notification | undefined {
  const { delivery, dueAt, attempts, version, readAt } = notification;
  if (step.kind === 'READ') {
    return readAt === null ? { ...notification, readAt: at, version: version + 1, updatedAt: at } : undefined;
  }
  if (delivery !== 'PENDING') return undefined;
  switch (step.kind) {
    case 'TAKE':
      return dueAt !== null && dueAt <= at ? { ...notification, attempts: attempts + 1, dueAt: step.until } : undefined;
    case 'RETRY':
      return { ...notification, lastError: step.error, dueAt: step.dueAt };
    case 'SENT':
      return { ...settled(notification, at), delivery: 'SENT', lastError: null, sentAt: at };
    case 'FAIL':
      return { ...settled(notification, at), delivery: 'FAILED', lastError: step.error };
  }
}

function settled(notification: Notification, at: Date): Notification {
  return { ...notification, dueAt: null, version: notification.version + 1, updatedAt: at };
}

export function statusOf({ readAt, delivery }: Notification): NotificationStatus {
  return readAt === null ? delivery : 'READ';
}
