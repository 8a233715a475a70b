import { generateKeyPairSync } from 'node:crypto';
import type { PrivateKey, PublicKeys } from '#shared/config.ts';
import { publicHalf } from '#shared/identity/tokens.ts';

/** A fresh Ed25519 key. */
function newKey(kid: string): PrivateKey {
  return { ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid } as unknown as PrivateKey;
}

/** The keys of a system: one to sign access tokens, one for each service. */
export interface Keys {
  readonly jwt: PrivateKey;
  readonly services: Readonly<
    Record<'gateway' | 'user' | 'order' | 'inventory' | 'notification' | 'sync' | 'probe', PrivateKey>
  >;
  readonly publicServiceKeys: PublicKeys;
}

/** `probe` is a service that only tests know. */
export function newKeys(): Keys {
  const services = {
    gateway: newKey('service:gateway'),
    user: newKey('service:user'),
    order: newKey('service:order'),
    inventory: newKey('service:inventory'),
    notification: newKey('service:notification'),
    sync: newKey('service:sync'),
    probe: newKey('service:probe'),
  };
  return { jwt: newKey('user-tokens'), services, publicServiceKeys: { keys: Object.values(services).map(publicHalf) } };
}
