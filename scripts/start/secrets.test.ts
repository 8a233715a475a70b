import { createPrivateKey, sign, verify, createPublicKey } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { completeSecrets, publicServiceKeys, readSecrets, saveAdmin, saveSecrets } from './secrets.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-secrets-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const HOLDERS = { services: ['user', 'sync'], roles: ['lockstep_user', 'lockstep_bus'] };

test('there are none before a first start', async () => {
  expect(await readSecrets(join(folder, 'secrets.json'))).toBeUndefined();
});

test('what is saved is read again, and only its owner can read it', async () => {
  const file = join(folder, 'secrets.json');
  const secrets = completeSecrets(undefined, HOLDERS);
  await saveSecrets(file, secrets, undefined);
  expect(await readSecrets(file)).toEqual(secrets);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['secrets.json']);
});

test('a service that a later version adds gets its own, and the others keep theirs', () => {
  const before = completeSecrets(undefined, HOLDERS);
  const after = completeSecrets(before, { services: ['user', 'order'], roles: ['lockstep_order'] });
  expect(after).toMatchObject(before);
  expect(after.serviceKeys['order']?.kid).toBe('service:order');
  expect(after.idempotencySecrets['order']).toMatch(/^[\w-]{43}$/u);
  expect(after.postgres.roles['lockstep_order']).toMatch(/^[\w-]{43}$/u);
});

test('no two secrets are the same', () => {
  const { postgres, idempotencySecrets } = completeSecrets(undefined, HOLDERS);
  const all = [postgres.superuser, ...Object.values(postgres.roles), ...Object.values(idempotencySecrets)];
  expect(new Set(all).size).toBe(5);
});

test('an admin chosen by the user stays the admin when the choice is no longer given', () => {
  const chosen = completeSecrets(undefined, HOLDERS, { email: 'ada@example.com', password: 'chosen' });
  expect(completeSecrets(chosen, HOLDERS).admin).toEqual({ email: 'ada@example.com', password: 'chosen' });
});

test('the public keys verify what the private ones sign, and tell nothing of them', () => {
  const secrets = completeSecrets(undefined, HOLDERS);
  const { keys } = publicServiceKeys(secrets);
  expect(keys.map(({ kid }) => kid)).toEqual(['service:user', 'service:sync']);
  expect(JSON.stringify(keys)).not.toContain('"d"');
  const data = Buffer.from('signed');
  const signature = sign(null, data, createPrivateKey({ key: secrets.serviceKeys['sync'] ?? {}, format: 'jwk' }));
  expect(verify(null, data, createPublicKey({ key: keys[1] ?? {}, format: 'jwk' }), signature)).toBe(true);
  expect(verify(null, data, createPublicKey({ key: keys[0] ?? {}, format: 'jwk' }), signature)).toBe(false);
});

test.for(['', '{', '[]', '{"postgres":{}}', '\0\0\0'])(
  'a file that holds %j is refused with a sentence that names --reset',
  async (text) => {
    const file = join(folder, 'secrets.json');
    await writeFile(file, text);
    await expect(readSecrets(file)).rejects.toThrow(/is damaged: .*--reset/u);
  },
);

test("the admin's file holds exactly the login", async () => {
  const file = join(folder, 'admin.json');
  await writeFile(file, 'something else');
  await saveAdmin(file, { email: 'a@b.example', password: 'x' });
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ email: 'a@b.example', password: 'x' });
});
