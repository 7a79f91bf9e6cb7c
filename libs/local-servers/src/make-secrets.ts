import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { SERVICES, type ServiceName } from '#contracts';

/** Two halves of a key (Ed25519): the private one as PKCS #8 PEM, the public one as SPKI PEM. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** 32 random bytes in base64url. */
export const randomSecret = (): string => randomBytes(32).toString('base64url');

export const makeKeyPair = (): KeyPair =>
  generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });

/** What every installation needs one of, and each service's key for caller tokens. */
export const makeSecrets = (): {
  postgresPassword: string;
  rolePassword: string;
  installationKey: string;
  masterKey: string;
  callers: Record<ServiceName, KeyPair>;
} => ({
  postgresPassword: randomSecret(),
  rolePassword: randomSecret(),
  installationKey: randomSecret(),
  masterKey: randomSecret(),
  callers: Object.fromEntries(SERVICES.map((service) => [service, makeKeyPair()])) as Record<ServiceName, KeyPair>,
});
