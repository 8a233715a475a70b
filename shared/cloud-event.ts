/**
 * An event as it travels: CloudEvents 1.0 with the extensions `correlationid`, `traceparent` (its Distributed Tracing extension),
 * `ownerid` and `revision`. It carries the whole record, so that events of different records may come in any order.
 */
export interface CloudEvent<Data = unknown> {
  readonly specversion: '1.0';
  /** UUIDv7, made once with the change. */
  readonly id: string;
  /** The service that made it; together with `position` unique for ever. */
  readonly source: string;
  /** In the past: `user.created`. What stands before the first dot names the kind of record. */
  readonly type: string;
  /** The record's id. */
  readonly subject: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: Data;
  /** `epoch × 2³² + version` of the record as decimal text, since CloudEvents integers have 32 bits; below 2⁵³. */
  readonly revision: string;
  /** The user the record belongs to; left out when it belongs to no one. */
  readonly ownerid?: string;
  readonly correlationid?: string;
  readonly traceparent?: string;
}

/** An event with its place in its source's log. Positions have no gaps, and within a record follow its versions. */
export interface PositionedEvent {
  readonly position: number;
  readonly event: CloudEvent;
}

/** What ties a change to the request that caused it. */
export interface Trace {
  readonly correlationId?: string;
  readonly traceparent?: string;
}

/** What ties that which follows from an event to the request that caused the event. */
export function traceOfEvent(event: CloudEvent | undefined): Trace {
  return {
    ...(event?.correlationid !== undefined && { correlationId: event.correlationid }),
    ...(event?.traceparent !== undefined && { traceparent: event.traceparent }),
  };
}

const VERSIONS_PER_EPOCH = 2 ** 32;

/** A number that grows with every version of a record and with every restore of its service. */
export function revisionOf(epoch: number, version: number): number {
  return epoch * VERSIONS_PER_EPOCH + version;
}

/** How often the record's service had been restored when it made a revision. */
export function epochOf(revision: number): number {
  return Math.floor(revision / VERSIONS_PER_EPOCH);
}

/** The version within a revision. */
export function versionOf(revision: number): number {
  return revision % VERSIONS_PER_EPOCH;
}

/** Does the subject pattern (`user.created`, or `user.*` for one more token) take this type? NATS's rule for `*`. */
export function subjectMatches(pattern: string, type: string): boolean {
  const wanted = pattern.split('.');
  const given = type.split('.');
  return wanted.length === given.length && wanted.every((token, at) => token === '*' || token === given[at]);
}
