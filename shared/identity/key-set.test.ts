import { createServer } from 'node:http';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newKeys } from '#test/support/keys.ts';
import { until } from '#test/support/poll.ts';
import { recordedLog } from '#test/support/recorded-log.ts';
import type { PrivateKey } from '../config.ts';
import { openKeySet, type KeySet } from './key-set.ts';
import { mintAccessToken, publicHalf } from './tokens.ts';

const FIRST = newKeys().jwt;
const SECOND: PrivateKey = { ...newKeys().jwt, kid: 'second' };
const setOf = (...keys: PrivateKey[]): string => JSON.stringify({ keys: keys.map(publicHalf) });

/** An issuer whose answer the test changes, and which counts how often it is asked. */
interface Issuer extends AsyncDisposable {
  readonly url: string;
  asked: number;
  status: number;
  body: string;
  /** Answers wait for it. */
  ready: Promise<void>;
}

async function openIssuer(): Promise<Issuer> {
  const server = createServer((_request, response) => {
    issuer.asked += 1;
    void issuer.ready.then(() => response.writeHead(issuer.status).end(issuer.body));
  });
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await listening;
  const issuer: Issuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    asked: 0,
    status: 200,
    body: setOf(FIRST),
    ready: Promise.resolve(),
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
  return issuer;
}

const { log } = recordedLog();
let folder: string;
let file: string;
let issuer: Issuer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-keys-'));
  file = join(folder, 'keys', 'jwks.json');
  issuer = await openIssuer();
});

afterEach(async () => {
  await issuer[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const open = (): Promise<KeySet> => openKeySet({ url: issuer.url, file, log });

async function verify(keySet: KeySet, key: PrivateKey): Promise<unknown> {
  const { token } = await mintAccessToken(key, { id: 'ada', role: 'CUSTOMER' }, new Date());
  return (await jwtVerify(token, keySet.find)).payload.sub;
}

async function writeKeys(text: string): Promise<void> {
  await mkdir(join(folder, 'keys'), { recursive: true });
  await writeFile(file, text);
}

describe('a key set', () => {
  test('asks the issuer when the first token comes, and not for the next', async () => {
    const keySet = await open();
    expect(issuer.asked).toBe(0);
    expect(await verify(keySet, FIRST)).toBe('ada');
    expect(await verify(keySet, FIRST)).toBe('ada');
    expect(issuer.asked).toBe(1);
  });

  test('is kept on disk, for its owner only, and nothing half written stays beside it', async () => {
    await verify(await open(), FIRST);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(setOf(FIRST)));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'keys'))).toEqual(['jwks.json']);
  });

  test('works from disk while the issuer is down', async () => {
    await verify(await open(), FIRST);
    await issuer[Symbol.asyncDispose]();
    expect(await verify(await open(), FIRST)).toBe('ada');
  });

  test('works from memory while the issuer is down', async () => {
    const keySet = await openKeySet({ url: issuer.url, file: undefined, log });
    await verify(keySet, FIRST);
    await issuer[Symbol.asyncDispose]();
    expect(await verify(keySet, FIRST)).toBe('ada');
    expect(await readdir(folder)).toEqual([]);
  });

  test.each(['', '{"keys": [', 'null', '{}', '{"keys": 5}', '[]'])(
    'replaces the damaged file %j by what the issuer says',
    async (damaged) => {
      await writeKeys(damaged);
      expect(await verify(await open(), FIRST)).toBe('ada');
      expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(setOf(FIRST)));
    },
  );

  test('asks again when a token names a key that has come since', async () => {
    await writeKeys(setOf(FIRST));
    issuer.body = setOf(FIRST, SECOND);
    const keySet = await open();
    expect(await verify(keySet, FIRST)).toBe('ada');
    expect(issuer.asked).toBe(0);
    expect(await verify(keySet, SECOND)).toBe('ada');
    expect(issuer.asked).toBe(1);
  });

  test('forgets a key that the issuer has withdrawn', async () => {
    await writeKeys(setOf(FIRST));
    issuer.body = setOf(SECOND);
    const keySet = await open();
    await verify(keySet, SECOND);
    await expect(verify(keySet, FIRST)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
  });

  test('does not hammer the issuer for tokens that name keys nobody has', async () => {
    const keySet = await open();
    for (let forged = 0; forged < 5; forged += 1) {
      const key = { ...SECOND, kid: `forged-${forged}` };
      await expect(verify(keySet, key)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    }
    expect(issuer.asked).toBe(1);
  });

  test('does not hammer an issuer that fails, and asks it again a little later', async () => {
    issuer.status = 500;
    const keySet = await open();
    const { token } = await mintAccessToken(FIRST, { id: 'ada', role: 'CUSTOMER' }, new Date());
    for (let tries = 0; tries < 10; tries += 1) await jwtVerify(token, keySet.find).catch(() => undefined);
    expect(issuer.asked).toBeLessThanOrEqual(2);
    issuer.status = 200;
    await until(async () => (await jwtVerify(token, keySet.find)).payload.sub);
  });

  test('asks once for all who wait at the same time', async () => {
    const ready = Promise.withResolvers<void>();
    issuer.ready = ready.promise;
    const keySet = await open();
    const waiting = [...[1, 2, 3].map(() => verify(keySet, FIRST)), keySet.refresh(), keySet.refresh()];
    ready.resolve();
    expect(await Promise.all(waiting)).toEqual(['ada', 'ada', 'ada', true, true]);
    expect(issuer.asked).toBe(1);
  });

  test('asks whenever it is told to refresh', async () => {
    const keySet = await open();
    expect(await keySet.refresh()).toBe(true);
    expect(await keySet.refresh()).toBe(true);
    expect(issuer.asked).toBe(2);
  });

  test.each([
    ['a failure', 500, setOf(SECOND)],
    ['what is not JSON', 200, '<html>'],
    ['what is no key set', 200, '{"keys": "none"}'],
    ['nothing', 200, ''],
  ])('keeps the last good keys when the issuer answers with %s, and says so', async (_, status, body) => {
    const { log: ownLog, lines } = recordedLog();
    await writeKeys(setOf(FIRST));
    Object.assign(issuer, { status, body });
    const keySet = await openKeySet({ url: issuer.url, file, log: ownLog });
    expect(await keySet.refresh()).toBe(false);
    expect(await verify(keySet, FIRST)).toBe('ada');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(setOf(FIRST)));
    expect(lines).toMatchObject([{ level: 40, msg: 'public keys could not be fetched', url: issuer.url }]);
  });

  test('works though it cannot be kept on disk, and says so', async () => {
    const { log: ownLog, lines } = recordedLog();
    await writeFile(join(folder, 'keys'), 'a file where the folder should be');
    const keySet = await openKeySet({ url: issuer.url, file, log: ownLog });
    expect(await verify(keySet, FIRST)).toBe('ada');
    expect(lines).toMatchObject([{ level: 40, msg: 'public keys could not be kept on disk' }]);
  });
});
