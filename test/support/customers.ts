import { randomUUID } from 'node:crypto';
import type { TestClient } from './client.ts';

const PASSWORD = 'correct horse battery';

/** A registered user, and a client that is signed in as them. */
export interface Customer {
  readonly id: string;
  readonly email: string;
  readonly token: string;
  readonly client: TestClient;
}

/** Input for a registration that collides with no other. */
export function newRegistration(): { firstName: string; lastName: string; email: string; password: string } {
  return { firstName: 'Ada', lastName: 'Lovelace', email: `ada-${randomUUID()}@example.com`, password: PASSWORD };
}

export const REGISTER = `mutation Register($input: RegisterUserInput!, $key: ID!) {
  registerUser(input: $input, idempotencyKey: $key) {
    user { id name email version syncState { target state } } token replayed userErrors { code message field }
  }
}`;

/** Registers somebody new. */
export async function register(client: TestClient): Promise<Customer> {
  const input = newRegistration();
  const { registerUser } = await client.ask<{ registerUser: { user: { id: string }; token: string } }>(REGISTER, {
    input,
    key: randomUUID(),
  });
  const { user, token } = registerUser;
  return { id: user.id, email: input.email, token, client: client.as(token) };
}
