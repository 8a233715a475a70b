import { pause } from '#shared/retry.ts';
import { variablesDigest, type Attempt } from '#scripts/verify/calls.ts';
import type { GraphqlAnswer, GraphqlError, TestClient } from './client.ts';

/** Something went wrong as a client sees it. */
export interface Failure {
  readonly at: number;
  /** `connection`: no answer at all; `graphql`: an answer with these errors. */
  readonly kind: 'connection' | 'graphql' | 'other';
  readonly detail: string;
  readonly errors: readonly GraphqlError[];
}

/** What of an answer is frozen, as the checker wants it written down. */
export type CallAnswer = NonNullable<Attempt['answer']>;

interface Sent {
  /** The mutation field whose payload is the answer. */
  readonly field: string;
  readonly key: string;
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** What the checker compares with what is kept. */
  readonly about: NonNullable<Attempt['about']>;
  /** Of the caller; a function is asked before each attempt, for calls that outlive a token. */
  readonly token: string | (() => Promise<string>) | undefined;
}

/** How the attempts of all calls ended. */
export interface Tally {
  attempts: number;
  /** Acknowledged. */
  ok: number;
  /** Answered with user errors. */
  refused: number;
  /** No answer, or an error that says nothing of the effect. */
  unknown: number;
}

export type Made = Sent & {
  readonly answers: CallAnswer[];
  /** An attempt before the first answer came to nothing, and that answer is a replay: the effect's own answer was lost. */
  recovered: boolean;
};

const BETWEEN_TRIES_MS = 60;
/** Longer than the gateway gives any service: what takes this long, nobody answers. */
const ANSWER_WITHIN_MS = 20_000;

/** Calls that are tried, each with its key, until they are answered. */
export class PersistentCalls<Payload extends { readonly replayed: boolean }> implements Disposable {
  readonly calls: Made[] = [];
  readonly failures: Failure[] = [];
  readonly tally: Tally = { attempts: 0, ok: 0, refused: 0, unknown: 0 };
  readonly #client: TestClient;
  readonly #answerOf: (payload: Payload) => CallAnswer;
  #abandoned = false;

  /** `answerOf` says what is kept of a payload. */
  constructor(client: TestClient, answerOf: (payload: Payload) => CallAnswer) {
    this.#client = client;
    this.#answerOf = answerOf;
  }

  get answered(): number {
    return this.calls.filter(({ answers }) => answers.length > 0).length;
  }

  get recovered(): number {
    return this.calls.filter(({ recovered }) => recovered).length;
  }

  /** All calls as the checker reads them, whatever became of them. */
  *record(): Generator<Attempt> {
    for (const { field, key, variables, about, answers } of this.calls) {
      const { key: _, ...given } = variables;
      const attempt = { field, key, variables: variablesDigest(given), about };
      yield { ...attempt, outcome: 'unknown' };
      for (const answer of answers) yield { ...attempt, outcome: answer.id === null ? 'refused' : 'ok', answer };
    }
  }

  /** Makes a new call, and resolves when it is answered. */
  make(sent: Sent): Promise<Payload> {
    const call = { ...sent, answers: [], recovered: false };
    this.calls.push(call);
    return this.#untilAnswered(call);
  }

  /** Sends a call that was made once more, with its key, and resolves when it is answered. */
  repeat(call: Made): Promise<Payload> {
    return this.#untilAnswered(call);
  }

  /** Tries nothing again: the test is over, whatever is unanswered. */
  [Symbol.dispose](): void {
    this.#abandoned = true;
  }

  /** Sends every call once more. */
  replayAll(): Promise<void> {
    return this.replaySome(this.calls.length);
  }

  /** Sends so many calls once more, evenly chosen among all. */
  async replaySome(many: number): Promise<void> {
    const step = Math.max(1, this.calls.length / many);
    const left = this.calls.filter((_, at) => at % step < 1);
    const replay = async (): Promise<void> => {
      for (let call = left.pop(); call !== undefined; call = left.pop()) await this.#untilAnswered(call);
    };
    await Promise.all([replay(), replay(), replay(), replay()]);
  }

  async #untilAnswered(call: Made): Promise<Payload> {
    for (let unheard = false; ; unheard = true, await pause(BETWEEN_TRIES_MS)) {
      if (this.#abandoned) throw new Error('the call was abandoned');
      this.tally.attempts += 1;
      const payload = await this.#try(call);
      if (payload === undefined) {
        this.tally.unknown += 1;
        continue;
      }
      if (call.answers.length === 0) call.recovered = unheard && payload.replayed;
      const answer = this.#answerOf(payload);
      this.tally[answer.id === null ? 'refused' : 'ok'] += 1;
      call.answers.push(answer);
      return payload;
    }
  }

  /** The field's payload; what kept us from it is among the failures. Fields of other services may fail beside it. */
  async #try({ field, document, variables, token }: Sent): Promise<Payload | undefined> {
    const bearer = typeof token === 'function' ? await token() : token;
    const client = bearer === undefined ? this.#client : this.#client.as(bearer);
    let answer: GraphqlAnswer<Record<string, Payload | null> | null | undefined>;
    try {
      answer = await withinLimit(client.send(document, variables));
    } catch (error) {
      // Before the answer, or in the middle of it.
      const reset = error instanceof TypeError && ['fetch failed', 'terminated'].includes(error.message);
      this.#failed(reset ? 'connection' : 'other', describe(error));
      return undefined;
    }
    const { status, data, errors } = answer;
    if (errors !== undefined) this.#failed('graphql', `${status}`, errors);
    else if (data?.[field] == null) this.#failed('other', `${status} without data or errors`);
    return data?.[field] ?? undefined;
  }

  #failed(kind: Failure['kind'], detail: string, errors: readonly GraphqlError[] = []): void {
    this.failures.push({ at: Date.now(), kind, detail, errors });
  }
}

async function withinLimit<T>(answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer in ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function describe(error: unknown): string {
  const because = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${String(error)}${because}`;
}
