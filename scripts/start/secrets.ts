import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { errorCode, StartProblem } from './start-problem.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

export const privateKeySchema = z.looseObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().min(1),
  d: z.string().min(1),
  kid: z.string().min(1),
});

export const ADMIN_EMAIL = 'admin@lockstep.example';

const perName = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value);

const secretsSchema = z.object({
  postgres: z.object({ superuser: z.string().min(1), roles: perName(z.string().min(1)) }),
  admin: z.object({ email: z.string().min(1), password: z.string().min(1) }),
  jwtPrivateKey: privateKeySchema,
  idempotencySecrets: perName(z.string().min(32)),
  serviceKeys: perName(privateKeySchema),
});

/** An Ed25519 private key as a JSON Web Key (RFC 8037) with its `kid`. */
type PrivateKey = z.output<typeof privateKeySchema>;
/** What the embedded system makes up at its first start and keeps, so that data and tokens outlive a restart. */
export type Secrets = z.output<typeof secretsSchema>;
export type Admin = Secrets['admin'];

/** Whom the secrets are for; names that were not there at an earlier start get theirs now. */
interface Holders {
  readonly services: readonly string[];
  readonly roles: readonly string[];
}

/** What the user has set in the environment wins and is kept, for it is what the user service has stored. */
interface AdminChoice {
  readonly email?: string | undefined;
  readonly password?: string | undefined;
}

/** The kept secrets, or undefined when there are none. Throws a {@link StartProblem} when there are but they cannot be understood. */
export async function readSecrets(file: string): Promise<Secrets | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new StartProblem(
      `${file} cannot be read (${errorCode(error) ?? 'unknown reason'}); make it readable, or begin anew with --reset.`,
      {
        cause: error,
      },
    );
  }
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new StartProblem(`${file} is damaged: put a copy of it back, or begin anew with --reset.`, { cause: error });
  }
}

/** `kept`, or new ones, with an entry for each holder. What is kept for others stays. */
export function completeSecrets(kept: Secrets | undefined, holders: Holders, choice: AdminChoice = {}): Secrets {
  return {
    postgres: {
      superuser: kept?.postgres.superuser ?? randomSecret(),
      roles: withEach(kept?.postgres.roles, holders.roles, randomSecret),
    },
    admin: {
      email: choice.email ?? kept?.admin.email ?? ADMIN_EMAIL,
      password: choice.password ?? kept?.admin.password ?? randomPassword(),
    },
    jwtPrivateKey: kept?.jwtPrivateKey ?? makePrivateKey(),
    idempotencySecrets: withEach(kept?.idempotencySecrets, holders.services, randomSecret),
    serviceKeys: withEach(kept?.serviceKeys, holders.services, (name) => makePrivateKey(`service:${name}`)),
  };
}

function withEach<Value>(
  kept: Readonly<Record<string, Value>> | undefined,
  names: readonly string[],
  make: (name: string) => Value,
): Record<string, Value> {
  return {
    ...Object.fromEntries(names.filter((name) => kept?.[name] === undefined).map((name) => [name, make(name)])),
    ...kept,
  };
}

/** 32 random bytes, base64url: safe in URLs and in SQL literals as it is. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Short enough to be typed. */
export function randomPassword(): string {
  return randomBytes(18).toString('base64url');
}

/** Its `kid` is its RFC 7638 thumbprint unless one is given. */
export function makePrivateKey(kid?: string): PrivateKey {
  const { x, d } = z
    .object({ x: z.string(), d: z.string() })
    .parse(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }));
  const thumbprint = createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
  return { kty: 'OKP', crv: 'Ed25519', x, d, kid: kid ?? thumbprint, alg: 'EdDSA', use: 'sig' };
}

/** The public halves of every service's key, as a JWKS. */
export function publicServiceKeys({ serviceKeys }: Pick<Secrets, 'serviceKeys'>): { keys: Record<string, string>[] } {
  const keys = Object.values(serviceKeys).map(({ kty, crv, x, kid }) => ({
    kty,
    crv,
    x,
    kid,
    alg: 'EdDSA',
    use: 'sig',
  }));
  return { keys };
}

/** Writes what differs from `kept`. */
export async function saveSecrets(file: string, secrets: Secrets, kept: Secrets | undefined): Promise<void> {
  const text = render(secrets);
  if (kept !== undefined && render(kept) === text) return;
  await writeFileAtomically(file, text);
}

/** Writes the file by which a person finds the admin's login: exactly `{"email","password"}`. */
export async function saveAdmin(file: string, { email, password }: Admin): Promise<void> {
  const text = render({ email, password });
  const current = await readFile(file, 'utf8').catch(() => undefined);
  if (current !== text) await writeFileAtomically(file, text);
}

function render(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
