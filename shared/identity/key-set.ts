import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  createLocalJWKSet,
  errors,
  type CryptoKey,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from 'jose';
import type { Log } from '../log.ts';
import { Refusal } from '../refusal.ts';

/** Where user tokens' public keys come from, kept on disk so that tokens stay valid while their issuer is down. */
export interface KeySet {
  /** A `jose` key resolver. */
  readonly find: (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;
  /** Asks the issuer again; false when it could not be reached. */
  refresh(): Promise<boolean>;
}

interface KeySetOptions {
  readonly url: string;
  /** Where the last good set is kept; undefined keeps it in memory only. */
  readonly file: string | undefined;
  readonly log: Log;
}

/** An unknown key asks the issuer at most this often, so that forged tokens cannot make us hammer it. */
const REFRESH_COOLDOWN_MS = 5_000;
/** An issuer that did not answer is asked again sooner: until it does, good tokens may be refused. */
const RETRY_COOLDOWN_MS = 1_000;
/** A busy issuer answers within it; and who waits has a token that nothing else can vouch for. */
const FETCH_TIMEOUT_MS = 5_000;
const UNVERIFIABLE = 'The token cannot be verified right now, since its issuer does not answer; try again.';

/** Opens with what is on disk, and fetches when a token names a key that is not there. */
export async function openKeySet({ url, file, log }: KeySetOptions): Promise<KeySet> {
  let findIn = createLocalJWKSet((await kept(file)) ?? { keys: [] });
  let coolUntil = -Infinity;
  let refreshing: Promise<boolean> | undefined;
  let issuerAnswers = true;

  async function fetchKeys(): Promise<boolean> {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
      const keys = (await response.json()) as JSONWebKeySet;
      // Throws on what is no key set: the last good one stays.
      findIn = createLocalJWKSet(keys);
      coolUntil = Date.now() + REFRESH_COOLDOWN_MS;
      if (file !== undefined) await save(file, keys).catch((error: unknown) => notKept(error));
      return true;
    } catch (error) {
      coolUntil = Date.now() + RETRY_COOLDOWN_MS;
      log.warn({ err: error, url }, 'public keys could not be fetched');
      return false;
    }
  }

  function notKept(error: unknown): void {
    log.warn({ err: error, file }, 'public keys could not be kept on disk');
  }

  function refresh(): Promise<boolean> {
    refreshing ??= fetchKeys().finally(() => (refreshing = undefined));
    return refreshing;
  }

  return {
    refresh,
    find: async (header, token) => {
      try {
        return await findIn(header, token);
      } catch (error) {
        const mayAsk = refreshing !== undefined || Date.now() >= coolUntil;
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        if (mayAsk) issuerAnswers = await refresh();
        // Nobody can tell whether the token is good: to call it bad would sign its bearer out for our own trouble.
        if (!issuerAnswers) throw new Refusal('SUBGRAPH_UNAVAILABLE', UNVERIFIABLE, { cause: error });
        return findIn(header, token);
      }
    },
  };
}

/** The set of who issues the tokens itself. */
export function fixedKeySet(keys: JSONWebKeySet): KeySet {
  return { find: createLocalJWKSet(keys), refresh: () => Promise.resolve(true) };
}

/** The set on disk; undefined at the first start, and when the file is damaged: the next fetch replaces it. */
async function kept(file: string | undefined): Promise<JSONWebKeySet | undefined> {
  if (file === undefined) return undefined;
  try {
    const keys = JSON.parse(await readFile(file, 'utf8')) as JSONWebKeySet;
    createLocalJWKSet(keys);
    return keys;
  } catch {
    return undefined;
  }
}

async function save(file: string, keys: JSONWebKeySet): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  // Replicas that share the folder may have the same process id, each in its container.
  const partial = `${file}.${randomUUID()}.partial`;
  await writeFile(partial, JSON.stringify(keys), { mode: 0o600 });
  await rename(partial, file);
}
