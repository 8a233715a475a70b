import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashPassword, verifyPassword } from './password-hash.ts';

const PASSWORD = 'correct horse battery staple';
const hash = await hashPassword(PASSWORD);

describe('a password', () => {
  test('matches its own hash', async () => {
    expect(await verifyPassword(PASSWORD, hash)).toBe(true);
  });

  test.each(['', 'correct horse battery stapl', `${PASSWORD} `, PASSWORD.toUpperCase()])(
    'that is %j does not match the hash of another',
    async (other) => {
      expect(await verifyPassword(other, hash)).toBe(false);
    },
  );

  test('in any writing matches its own hash and no other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (password) => {
        const own = await hashPassword(password);
        expect(await verifyPassword(password, own)).toBe(true);
        expect(await verifyPassword(`${password}x`, own)).toBe(false);
      }),
      { numRuns: 5 },
    );
  });

  test('has another salt, and so another hash, each time', async () => {
    const again = await hashPassword(PASSWORD);
    expect(again).not.toBe(hash);
    expect(again.split('$')[4]).not.toBe(hash.split('$')[4]);
    expect(await verifyPassword(PASSWORD, again)).toBe(true);
  });
});

describe('a hash', () => {
  test('is a PHC string with the cost that OWASP names, 16 bytes of salt and 32 of tag, without padding', () => {
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\dA-Za-z+/]{22}\$[\dA-Za-z+/]{43}$/);
  });

  test('tells nothing of the password', () => {
    expect(hash).not.toContain(PASSWORD);
    expect(hash).not.toContain(Buffer.from(PASSWORD).toString('base64').slice(0, 8));
  });

  test('made elsewhere, with another cost, is verified by that cost', async () => {
    // The vector of the reference implementation (test.c): m = 2⁸, t = 2, p = 1, salt "somesalt".
    const made = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
    expect(await verifyPassword('password', made)).toBe(true);
    expect(await verifyPassword('differentpassword', made)).toBe(false);
  });

  test.each([
    ['nothing', ''],
    ['plain text', PASSWORD],
    ['bcrypt', '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'],
    ['argon2i', hash.replace('argon2id', 'argon2i')],
    ['an older version', hash.replace('v=19', 'v=16')],
    ['no tag', hash.slice(0, hash.lastIndexOf('$'))],
    ['an empty tag', hash.slice(0, hash.lastIndexOf('$') + 1)],
    ['a tag that is not base64', `${hash.slice(0, hash.lastIndexOf('$') + 1)}!!!`],
    ['a line behind it', `${hash}\n`],
  ])('that is malformed (%s) matches no password', async (_, malformed) => {
    expect(await verifyPassword(PASSWORD, malformed)).toBe(false);
  });

  test('cut short matches no password', async () => {
    const [tag] = hash.split('$').slice(-1);
    const cut = hash.slice(0, -tag!.length) + tag!.slice(0, 20);
    expect(await verifyPassword(PASSWORD, cut)).toBe(false);
  });
});
