import { randomUUID } from 'node:crypto';
import { pause } from '#shared/retry.ts';
import { TestClient, type GraphqlAnswer, type GraphqlError } from './client.ts';
import type { Call, CallAnswer } from './invariants.ts';
import { newRegistration, REGISTER } from './system.ts';

/** Something went wrong as a client sees it. */
export interface Failure {
  readonly at: number;
  /** `connection`: no answer at all; `graphql`: an answer with these errors. */
  readonly kind: 'connection' | 'graphql' | 'other';
  readonly detail: string;
  readonly errors: readonly GraphqlError[];
}

interface MadeCall extends Call {
  readonly answers: CallAnswer[];
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly token: string | undefined;
  /** An attempt before the first answer got none, and that answer is a replay: the effect's own answer was lost. */
  recovered: boolean;
}

interface UserPayload {
  readonly user: { readonly id: string } | null;
  readonly token?: string;
  readonly replayed: boolean;
  readonly userErrors: readonly { readonly code: string }[];
}

const UPDATE = `mutation Update($input: UpdateUserInput!, $key: ID!) {
  updateUser(input: $input, idempotencyKey: $key) { user { id } replayed userErrors { code } }
}`;

/** Two at once, so that updates of one user race. */
const UPDATES = [1, 2, 3, 4] as const;
const BETWEEN_TRIES_MS = 60;
/** Longer than the gateway gives any service: what takes this long, nobody answers. */
const ANSWER_WITHIN_MS = 20_000;

/** Clients that register and change their names, each call under a key of its own, tried with that key until it is answered. */
export class UserLoad {
  readonly calls: MadeCall[] = [];
  readonly failures: Failure[] = [];
  readonly #client: TestClient;
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(url: string, clients: number) {
    this.#client = new TestClient(url);
    this.#running = Promise.all(Array.from({ length: clients }, () => this.#live()));
  }

  get answered(): number {
    return this.calls.filter(({ answers }) => answers.length > 0).length;
  }

  get recovered(): number {
    return this.calls.filter(({ recovered }) => recovered).length;
  }

  /** Begins nothing new; resolves when every call is answered. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Sends every call once more. */
  async replayAll(): Promise<void> {
    const left = [...this.calls];
    const replay = async (): Promise<void> => {
      for (let call = left.pop(); call !== undefined; call = left.pop()) await this.#untilAnswered(call);
    };
    await Promise.all([replay(), replay(), replay(), replay()]);
  }

  async #live(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const input = newRegistration();
      const variables = { input, key: randomUUID() };
      const registration = this.#call({ field: 'registerUser', email: input.email }, REGISTER, { variables });
      const { user, token } = await this.#untilAnswered(registration);
      if (user === null || token === undefined) continue;
      const names = [...UPDATES];
      const update = async (): Promise<void> => {
        for (let name = names.pop(); name !== undefined; name = names.pop()) {
          const change = { input: { id: user.id, firstName: `Ada ${name}` }, key: randomUUID() };
          await this.#untilAnswered(
            this.#call({ field: 'updateUser', userId: user.id }, UPDATE, { variables: change, token }),
          );
        }
      };
      await Promise.all([update(), update()]);
    }
  }

  #call(
    subject: Pick<Call, 'field' | 'email' | 'userId'>,
    document: string,
    { variables, token }: { variables: Readonly<Record<string, unknown>> & { key: string }; token?: string },
  ): MadeCall {
    const call = { ...subject, document, variables, token, key: variables.key, answers: [], recovered: false };
    this.calls.push(call);
    return call;
  }

  async #untilAnswered(call: MadeCall): Promise<UserPayload> {
    for (let heardNothing = false; ; await pause(BETWEEN_TRIES_MS)) {
      const payload = await this.#try(call);
      if (payload === 'no answer') heardNothing = true;
      else if (payload !== undefined) {
        const first = call.answers.length === 0;
        const refusals = payload.userErrors.map(({ code }) => code);
        call.answers.push({ userId: payload.user?.id ?? null, replayed: payload.replayed, refusals });
        if (first) call.recovered = heardNothing && payload.replayed;
        return payload;
      }
    }
  }

  /** The field's payload; what kept us from it is among the failures. Fields of other services may fail beside it. */
  async #try({ field, document, variables, token }: MadeCall): Promise<UserPayload | 'no answer' | undefined> {
    const client = token === undefined ? this.#client : this.#client.as(token);
    let answer: GraphqlAnswer<Record<string, UserPayload | null> | null | undefined>;
    try {
      answer = await withinLimit(client.send(document, variables));
    } catch (error) {
      const reset = error instanceof TypeError && error.message === 'fetch failed';
      this.#failed(reset ? 'connection' : 'other', describe(error));
      return 'no answer';
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
