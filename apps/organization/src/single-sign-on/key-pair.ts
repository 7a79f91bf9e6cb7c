import { createPrivateKey } from 'node:crypto';

const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 3072,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
} as const;
const YEAR_MS = 365 * 86_400_000;

/** A private key (PKCS #8) and its certificate, PEM. */
export interface KeyPair {
  readonly privateKey: string;
  readonly certificate: string;
}

/** What we are to a SAML provider: it signs our requests and opens what is encrypted for us. Providers pin the certificate: ten years. */
export async function makeKeyPair(name: string, now: Date): Promise<KeyPair> {
  // Loaded when it is needed, which is once a connection. It wants the metadata of decorators.
  await import('reflect-metadata');
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(now.getTime() - 86_400_000),
    notAfter: new Date(now.getTime() + 10 * YEAR_MS),
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    privateKey: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
      .export({ format: 'pem', type: 'pkcs8' })
      .toString(),
    certificate: certificate.toString('pem'),
  };
}
