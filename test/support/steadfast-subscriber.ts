import { pause } from '#shared/retry.ts';
import type { Asked, OpenLine } from './stream-lines.ts';

/** All at once would come back all at once. */
const LONGEST_PAUSE_MS = 500;
/** One that was not told right is wrong with everything that follows. */
const MOST_WRONGS = 5;

interface SubscriberOptions extends Omit<Asked, 'variables'> {
  readonly open: OpenLine;
  readonly variables?: Asked['variables'];
  /** Which version comes first. */
  readonly first?: number;
  /** Behind which cursor it begins; with what comes from now on when left out. */
  readonly after?: string;
  /** What each event must hold. */
  readonly holding?: string;
}

/**
 * A client that follows the versions of one record, and subscribes again behind its last cursor whenever its connection or its operation
 * ends. What it is told wrong it writes down: a version missed, repeated or out of order, an end without a way on.
 */
export class SteadfastSubscriber implements AsyncDisposable {
  readonly wrongs: string[] = [];
  /** The last version that has come. */
  last: number;
  /** How many have come. */
  told = 0;
  /** Why it has subscribed again, each time: the code of its operation's end, or how its connection was closed. */
  readonly resumes: string[] = [];
  readonly #options: SubscriberOptions;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  /** What came last with a cursor: it is looked for only when it is needed. */
  #place: string | undefined;

  /** Its query must have a variable `$after` and select `version` before anything else with that name. */
  constructor(options: SubscriberOptions) {
    this.#options = options;
    this.last = (options.first ?? 1) - 1;
    this.#running = this.#follow();
  }

  /** Has it been told where the stream stands? From there it misses nothing. */
  get placed(): boolean {
    return this.cursor !== undefined;
  }

  get cursor(): string | undefined {
    return this.#place === undefined ? this.#options.after : textAfter(this.#place, '"cursor":"');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #follow(): Promise<void> {
    for (; !this.#stopping.signal.aborted; await pause(Math.random() * LONGEST_PAUSE_MS, this.#stopping.signal)) {
      this.resumes.push(await this.#listen());
    }
  }

  /** Resolves when the line is over, with how it has ended. */
  #listen(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { open, url, token, query, variables } = this.#options;
    const close = open(
      { url, token, query, variables: { ...variables, after: this.cursor ?? null } },
      {
        result: (text) => this.#hear(text),
        failed: (errors) => {
          this.#fail(errors);
          resolve(textAfter(errors, '"code":"') ?? errors);
        },
        completed: () => {
          this.#wrong('completed');
          resolve('completed');
        },
        closed: resolve,
      },
    );
    const stop = (): void => resolve('stopped');
    this.#stopping.signal.addEventListener('abort', stop);
    return promise.finally(() => {
      this.#stopping.signal.removeEventListener('abort', stop);
      close();
    });
  }

  #hear(text: string): void {
    const version = Number.parseInt(textAfter(text, '"version":', 16) ?? '', 10);
    if (version === this.last + 1 && text.includes(this.#options.holding ?? '')) {
      this.last = version;
      this.told += 1;
      this.#place = text;
    } else if (text.includes('"checkpoint":true')) this.#place = text;
    else this.#wrong(`behind ${this.last}: ${text.slice(0, 300)}`);
  }

  #fail(errors: string): void {
    const cursor = textAfter(errors, '"cursor":"');
    if (cursor === undefined || cursor !== this.cursor) this.#wrong(`at ${this.cursor}, ended with ${errors}`);
  }

  #wrong(what: string): void {
    if (this.wrongs.length < MOST_WRONGS) this.wrongs.push(what);
  }
}

/** What follows the first mark: up to the next quote, or so many characters. */
function textAfter(text: string, mark: string, length?: number): string | undefined {
  const at = text.indexOf(mark);
  if (at === -1) return undefined;
  const from = at + mark.length;
  return text.slice(from, length === undefined ? text.indexOf('"', from) : from + length);
}
