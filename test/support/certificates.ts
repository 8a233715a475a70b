import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** A certificate and its key, both as PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority of a test's own, and a server's certificate that it has signed for the host names. */
export function newCertificates(hosts: readonly string[]): {
  readonly authority: string;
  readonly server: Certificate;
} {
  const [authority, server] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const issuer = { name: `the authority ${randomBytes(4).toString('hex')}`, key: authority.privateKey };
  const own = { name: issuer.name, key: authority.publicKey, extension: IS_AUTHORITY };
  const leaf = { name: 'a server', key: server.publicKey, extension: alternativeNames(hosts) };
  const key = server.privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { authority: certify(own, issuer), server: { certificate: certify(leaf, issuer), key: String(key) } };
}

interface Subject {
  readonly name: string;
  readonly key: KeyObject;
  readonly extension: Buffer;
}

const DAY_MS = 24 * 60 * 60_000;

/** An X.509 certificate in version 3 (RFC 5280, section 4.1), signed with Ed25519 (RFC 8410). */
function certify(
  { name, key, extension }: Subject,
  issuer: { readonly name: string; readonly key: KeyObject },
): string {
  const [from, to] = [new Date(Date.now() - DAY_MS), new Date(Date.now() + DAY_MS)];
  const content = sequence(
    tagged(0xa0, tagged(INTEGER, Buffer.from([2]))),
    tagged(INTEGER, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ED25519,
    named(issuer.name),
    sequence(timeOf(from), timeOf(to)),
    named(name),
    key.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(extension)),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign(null, content, issuer.key)]);
  const encoded = sequence(content, ED25519, tagged(BIT_STRING, signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${encoded.replaceAll(/.{64}/gu, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

// DER (ITU-T X.690): a tag, the length, the content.
const [BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OBJECT, UTF8, UTC_TIME] = [1, 2, 3, 4, 6, 12, 23] as const;

function tagged(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? [length] : long)]), content]);
}

const sequence = (...contents: readonly Buffer[]): Buffer => tagged(0x30, ...contents);
const object = (hex: string): Buffer => tagged(OBJECT, Buffer.from(hex, 'hex'));
const named = (name: string): Buffer =>
  sequence(tagged(0x31, sequence(object('550403'), tagged(UTF8, Buffer.from(name)))));
const timeOf = (at: Date): Buffer =>
  tagged(
    UTC_TIME,
    Buffer.from(
      `${at
        .toISOString()
        .replaceAll(/[-:T]|\.\d+/gu, '')
        .slice(2)}`,
    ),
  );

const ED25519 = sequence(object('2b6570'));
const TRUE = tagged(BOOLEAN, Buffer.from([0xff]));
const IS_AUTHORITY = sequence(object('551d13'), TRUE, tagged(OCTET_STRING, sequence(TRUE)));
const alternativeNames = (hosts: readonly string[]): Buffer =>
  sequence(object('551d11'), tagged(OCTET_STRING, sequence(...hosts.map((host) => tagged(0x82, Buffer.from(host))))));
