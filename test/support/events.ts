import { v7 } from 'uuid';
import { revisionOf, type CloudEvent, type PositionedEvent } from '#shared/cloud-event.ts';

/** What of a user's event matters to a test; the rest is made up. */
export interface UserEvent {
  readonly id: string;
  readonly version: number;
  readonly position: number;
  readonly epoch?: number;
  readonly occurredAt?: Date;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A user's event as the user service tells it. */
export function userEvent({
  id,
  version,
  position,
  epoch = 0,
  occurredAt = new Date(),
  data,
}: UserEvent): PositionedEvent {
  const at = occurredAt.toISOString();
  const user = {
    id,
    firstName: 'Ada',
    lastName: `Lovelace ${version}`,
    email: `${id}@example.com`,
    mobile: null,
    status: 'ACTIVE',
    role: 'CUSTOMER',
    version,
    createdAt: at,
    updatedAt: at,
  };
  const event: CloudEvent = {
    specversion: '1.0',
    id: v7(),
    source: 'user',
    type: version === 1 ? 'user.created' : 'user.updated',
    subject: id,
    time: at,
    datacontenttype: 'application/json',
    data: { ...user, ...data },
    revision: String(revisionOf(epoch, version)),
    ownerid: id,
  };
  return { position, event };
}

/** That the notification service holds a user in a version. */
export interface ReplicaApplied {
  readonly recordId: string;
  readonly version: number;
  readonly position: number;
  readonly epoch?: number;
  readonly correlationId?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What the notification service tells when it has applied a user's event. */
export function replicaApplied({
  recordId,
  version,
  position,
  epoch = 0,
  correlationId,
  data,
}: ReplicaApplied): PositionedEvent {
  const targetRevision = revisionOf(epoch, version);
  const event: CloudEvent = {
    specversion: '1.0',
    id: v7(),
    source: 'notification',
    type: 'replica.applied',
    subject: recordId,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: { entity: 'USER', recordId, target: 'notification', targetRevision, targetVersion: version, ...data },
    revision: String(targetRevision),
    ownerid: recordId,
    ...(correlationId !== undefined && { correlationid: correlationId }),
  };
  return { position, event };
}
