import { Refusal } from '../refusal.ts';

/** Longer than any service-only operation takes; the asker tries again. */
const TIMEOUT_MS = 2_000;

export interface ServiceClient {
  /** Where the other service answers GraphQL. */
  readonly url: string;
  /** This service's own token. */
  readonly token: () => Promise<string>;
}

/** Calls a service-only operation of another service. Throws `SUBGRAPH_UNAVAILABLE` when it does not answer, or answers with errors. */
export async function callService<Data>(
  { url, token }: ServiceClient,
  query: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<Data> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await token()}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { data, errors } = (await response.json()) as { data?: Data; errors?: { message: string }[] };
    if (data != null && errors === undefined) return data;
    throw new Error(errors?.map((error) => error.message).join('; ') ?? `answered ${response.status} without data`);
  } catch (error) {
    throw new Refusal('SUBGRAPH_UNAVAILABLE', `${new URL(url).host} does not answer.`, { cause: error });
  }
}
