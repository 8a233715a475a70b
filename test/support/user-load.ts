import { randomUUID } from 'node:crypto';
import { TestClient } from './client.ts';
import { PersistentCalls } from './persistent-calls.ts';
import { newRegistration, REGISTER } from './customers.ts';

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

/** Clients that register and change their names, each call under a key of its own, tried with that key until it is answered. */
export class UserLoad extends PersistentCalls<UserPayload> {
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(url: string, clients: number) {
    super(new TestClient(url), ({ user, replayed, userErrors }) => ({
      id: user?.id ?? null,
      replayed,
      refusals: userErrors.map(({ code }) => code),
    }));
    this.#running = Promise.all(Array.from({ length: clients }, () => this.#live()));
    // Whoever abandons the load does not wait for it.
    this.#running.catch(() => undefined);
  }

  /** Begins nothing new; resolves when every call is answered. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #live(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const input = newRegistration();
      const [field, key] = ['registerUser', randomUUID()] as const;
      const registration = { field, key, about: { email: input.email }, document: REGISTER, variables: { input, key } };
      const { user, token } = await this.make({ ...registration, token: undefined });
      if (user === null || token === undefined) continue;
      const names = [...UPDATES];
      const update = async (): Promise<void> => {
        for (let name = names.pop(); name !== undefined; name = names.pop()) {
          await this.#rename({ id: user.id, firstName: `Ada ${name}` }, token);
        }
      };
      await Promise.all([update(), update()]);
    }
  }

  async #rename(input: { readonly id: string; readonly firstName: string }, token: string): Promise<void> {
    const key = randomUUID();
    const variables = { input, key };
    await this.make({
      field: 'updateUser',
      key,
      about: { userId: input.id, changes: true },
      document: UPDATE,
      variables,
      token,
    });
  }
}
