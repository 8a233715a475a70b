import { encodeCursor } from '#shared/events/cursor.ts';
import { pause } from '#shared/retry.ts';
import { openReader } from '#scripts/verify/readers.ts';
import type { Sources } from '#scripts/verify/sources.ts';
import type { TestClient, TestStream } from './client.ts';

/** One `recordSynced` event of the system of record, as a subscriber saw it. */
export interface Seen {
  readonly recordId: string;
  readonly targetVersion: number | null;
}

interface Synced {
  readonly recordSynced: Seen & { readonly target: string };
}

const WATCH = `subscription Watch($after: String) {
  recordSynced(entity: USER, after: $after) { recordId target targetVersion }
}`;
const BETWEEN_TRIES_MS = 100;

/** Follows `recordSynced` from the first event there ever was, and subscribes again from its cursor whenever the stream breaks. */
export class SyncWatcher implements AsyncDisposable {
  readonly seen: Seen[] = [];
  /** How often the stream broke. */
  breaks = 0;
  readonly #signIn: () => Promise<TestClient>;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #cursor = encodeCursor('sync', 0);
  #stream: TestStream<Synced> | undefined;

  /** `signIn` gives a client of an admin. */
  constructor(signIn: () => Promise<TestClient>) {
    this.#signIn = signIn;
    this.#running = this.#watch();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#stream?.[Symbol.asyncDispose]();
    await this.#running;
  }

  async #watch(): Promise<void> {
    for (; !this.#stopping.signal.aborted; await pause(BETWEEN_TRIES_MS, this.#stopping.signal)) {
      try {
        await this.#follow();
      } catch {
        // The stream's end and its failure are one: go on from the cursor.
      }
      this.breaks += 1;
    }
  }

  async #follow(): Promise<void> {
    const client = await this.#signIn();
    await using stream = client.subscribe<Synced>(WATCH, { after: this.#cursor });
    this.#stream = stream;
    for (let answer = await stream.next(); answer !== undefined; answer = await stream.next()) {
      const { data, extensions } = answer;
      if (extensions?.cursor === undefined) throw new Error('an event without a cursor');
      const { target, recordId, targetVersion } = data.recordSynced;
      if (target === 'oracle') this.seen.push({ recordId, targetVersion });
      this.#cursor = extensions.cursor;
    }
  }
}

/** What sync has told of users in the system of record, in the order it told it; the version is the target's. */
export async function toldOfUsers({ databaseUrls }: Sources): Promise<Seen[]> {
  await using sync = openReader(databaseUrls.sync);
  return await sync.rows<Seen>(`
    SELECT subject AS "recordId", (data ->> 'targetVersion')::int AS "targetVersion" FROM outbox
    WHERE data ->> 'entity' = 'USER' AND data ->> 'target' = 'oracle' AND data ->> 'targetVersion' IS NOT NULL ORDER BY position`);
}

const nameOf = ({ recordId, targetVersion }: Seen): string => `${recordId} at ${targetVersion}`;

/** What a subscriber that resumes from its cursor should have seen, and did not. */
export function missedBy(seen: readonly Seen[], told: readonly Seen[]): string[] {
  const before = new Set(seen.map(nameOf));
  return told.map(nameOf).filter((name) => !before.has(name));
}

/** What a subscriber saw more than once. */
export function repeatedBy(seen: readonly Seen[]): string[] {
  const counts = Map.groupBy(seen.map(nameOf), (name) => name);
  return [...counts].filter(([, times]) => times.length > 1).map(([name]) => name);
}

/** What a subscriber saw after something that was told later. */
export function disorderedIn(seen: readonly Seen[], told: readonly Seen[]): string[] {
  const places = new Map(told.map((event, at) => [nameOf(event), at]));
  const late: string[] = [];
  let latest = -1;
  for (const name of seen.map(nameOf)) {
    const at = places.get(name) ?? latest;
    if (at < latest) late.push(name);
    else latest = at;
  }
  return late;
}
