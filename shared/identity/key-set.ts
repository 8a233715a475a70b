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
import { publicKeys } from '../config.ts';
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
const FETCH_TIMEOUT_MS = 2_000;
const UNVERIFIABLE = 'The token cannot be verified right now, since its issuer does not answer; try again.';

/** Opens with what is on disk, and fetches when a token names a key that is not there. */
export async function openKeySet({ url, file, log }: KeySetOptions): Promise<KeySet> {
  let keys: JSONWebKeySet = { keys: [] };
  let refreshedAt = -Infinity;
  let refreshing: Promise<boolean> | undefined;
  if (file !== undefined) {
    try {
      keys = publicKeys.parse(await readFile(file, 'utf8')) as JSONWebKeySet;
    } catch {
      // The first start has no file, and a damaged one is replaced by the next fetch.
    }
  }

  async function fetchKeys(): Promise<boolean> {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
      keys = publicKeys.parse(await response.text()) as JSONWebKeySet;
      refreshedAt = Date.now();
      if (file !== undefined) await save(file, keys);
      return true;
    } catch (error) {
      log.warn({ err: error, url }, 'public keys could not be fetched');
      return false;
    }
  }

  function refresh(): Promise<boolean> {
    refreshing ??= fetchKeys().finally(() => (refreshing = undefined));
    return refreshing;
  }

  return {
    refresh,
    find: async (header, token) => {
      try {
        return await createLocalJWKSet(keys)(header, token);
      } catch (error) {
        const cool = Date.now() - refreshedAt > REFRESH_COOLDOWN_MS;
        if (!(error instanceof errors.JWKSNoMatchingKey) || !cool) throw error;
        // Nobody can tell whether the token is good: to call it bad would sign its bearer out for our own trouble.
        if (!(await refresh())) throw new Refusal('SUBGRAPH_UNAVAILABLE', UNVERIFIABLE, { cause: error });
        return createLocalJWKSet(keys)(header, token);
      }
    },
  };
}

/** The set of who issues the tokens itself. */
export function fixedKeySet(keys: JSONWebKeySet): KeySet {
  return { find: createLocalJWKSet(keys), refresh: () => Promise.resolve(true) };
}

async function save(file: string, keys: JSONWebKeySet): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  await writeFile(partial, JSON.stringify(keys), { mode: 0o600 });
  await rename(partial, file);
}
