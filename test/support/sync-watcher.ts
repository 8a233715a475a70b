import { encodeCursor } from '#shared/events/cursor.ts';
import { pause } from '#shared/retry.ts';
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
