import { v7 } from 'uuid';
import { appendEvents, type Change } from '#shared/events/outbox.ts';
import { backoffMs, pause, type Backoff } from '#shared/retry.ts';
import { transact, type Database } from '#shared/store/postgres.ts';
import type { DocumentCollection, Labels, ListQuery, StoredDocument } from './documents/document-store.ts';

/** An event that a document still has to tell, as plain JSON. Its id is made with it, so that telling it again changes nothing. */
export type UntoldEvent = Omit<Change, 'occurredAt' | 'eventId'> & {
  readonly eventId: string;
  readonly occurredAt: string;
};

export function untold(change: Change): UntoldEvent {
  return { ...change, eventId: v7(), occurredAt: change.occurredAt.toISOString() };
}

/** What every body has. */
export interface Telling {
  /** Oldest first; told, and then taken off, soon after they were written. */
  readonly untold: readonly UntoldEvent[];
}

/** The label under which a document waits for a worker, and its first value: the events come before anything else. */
export const WORK = 'work';
const TELL = 'TELL';

/** Somebody else has just changed the document: read it again. A document is changed by few, and each change is one write. */
const CHANGE_TRIES = 20;
const CHANGE_BACKOFF: Backoff = { firstMs: 2, longestMs: 50 };
/** One transaction's worth of events. */
const TELL_BATCH = 100;

/**
 * Documents that carry their own events: a change and what it tells are one write, and there is nothing between them that a crash could
 * separate. What a document has to tell is moved to the service's outbox afterwards, where it gets its position like any other event.
 */
export class TellingDocuments<Body extends Telling> {
  readonly #collection: DocumentCollection<Body>;
  readonly #labelsOf: (body: Body) => Labels;

  constructor(collection: DocumentCollection<Body>, labelsOf: (body: Body) => Labels) {
    this.#collection = collection;
    this.#labelsOf = labelsOf;
  }

  /** Adds a document; false when there is one with this id. */
  insertOnce(id: string, createdAt: Date, body: Body): Promise<boolean> {
    return this.#collection.insertOnce({ id, createdAt, body, labels: this.#labels(body) });
  }

  /** Changes a document; undefined, and nothing is written, when there is none or `decide` gives undefined. */
  async change(id: string, decide: (body: Body) => Body | undefined): Promise<Body | undefined> {
    for (let attempt = 1; attempt <= CHANGE_TRIES; attempt += 1) {
      const [found] = await this.#collection.get([id]);
      const body = found && decide(found.body);
      if (found === undefined || body === undefined) return undefined;
      const { revision } = found;
      if (await this.#collection.compareAndSet({ id, revision, body, labels: this.#labels(body) })) return body;
      await pause(backoffMs(CHANGE_BACKOFF, attempt));
    }
    throw new Error(`the document ${id} was changed by others ${CHANGE_TRIES} times in a row`);
  }

  async get(ids: readonly string[]): Promise<Body[]> {
    const possible = [...new Set(ids)];
    return possible.length === 0 ? [] : (await this.#collection.get(possible)).map(({ body }) => body);
  }

  async list(query: ListQuery): Promise<Body[]> {
    return (await this.#collection.list(query)).map(({ body }) => body);
  }

  /** The same page of the lists of many. */
  async listEach(
    by: { readonly label: string; readonly values: readonly string[] },
    query: ListQuery,
  ): Promise<ReadonlyMap<string, readonly Body[]>> {
    const lists = await this.#collection.listEach(by, query);
    return new Map([...lists].map(([value, documents]) => [value, documents.map(({ body }) => body)]));
  }

  countEach(by: { readonly label: string; readonly values: readonly string[] }): Promise<ReadonlyMap<string, number>> {
    return this.#collection.countEach(by);
  }

  /**
   * Tells what the oldest documents have to tell; returns how many events. A crash between telling and taking off has them told again,
   * which the outbox ignores by their ids.
   */
  async tellOnce(db: Database): Promise<number> {
    const labels = { [WORK]: TELL };
    const documents = await this.#collection.list({ labels, order: 'oldest first', limit: TELL_BATCH });
    const events = documents.flatMap(({ body }) => body.untold);
    if (events.length === 0) return 0;
    const changes = events.map((event): Change => ({ ...event, occurredAt: new Date(event.occurredAt) }));
    await transact(db, (tx) => appendEvents(tx, changes));
    await Promise.all(documents.map((document) => this.#takeOff(document)));
    return events.length;
  }

  async #takeOff(document: StoredDocument<Body>): Promise<void> {
    const told = new Set(document.body.untold.map(({ eventId }) => eventId));
    const rest = (body: Body): Body => ({ ...body, untold: body.untold.filter(({ eventId }) => !told.has(eventId)) });
    const { id, revision } = document;
    const body = rest(document.body);
    // Nearly always nobody has changed it since it was listed.
    const taken = await this.#collection.compareAndSet({ id, revision, body, labels: this.#labels(body) });
    if (!taken) await this.change(id, rest);
  }

  #labels(body: Body): Labels {
    return { ...this.#labelsOf(body), ...(body.untold.length > 0 && { [WORK]: TELL }) };
  }
}
