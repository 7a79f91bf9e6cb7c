import { createPrivateKey, type webcrypto, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { X509Certificate as SigningCertificate } from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

/** Who signs certificates: its own certificate (PEM), and what signs. */
export interface Authority {
  readonly pem: string;
  readonly certificate: SigningCertificate;
  readonly privateKey: webcrypto.CryptoKey;
}

/** A certificate and the private key (PKCS #8) that belongs to it, both PEM. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

/** Loaded when it is needed: nearly nobody makes certificates. It wants the metadata of decorators. */
const load = async () => {
  await import('reflect-metadata');
  return import('@peculiar/x509');
};

const pemOf = async (key: webcrypto.CryptoKey) =>
  createPrivateKey({ key: Buffer.from(await crypto.subtle.exportKey('pkcs8', key)), format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();

const newKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/** An authority of one installation, for ten years: whoever has its key can be any service of it. */
export async function makeAuthority(name = 'Rollcall'): Promise<Authority> {
  const { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, X509CertificateGenerator } = await load();
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 3650 * DAY_MS),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return { pem: certificate.toString('pem'), certificate, privateKey: keys.privateKey };
}

/** A certificate for both ends of a connection, of whoever is reached by these names and addresses. @param days from now on; below 0 it has ended */
export async function makeCertificate(
  { certificate, privateKey }: Authority,
  names: readonly string[],
  days = 825,
): Promise<CertificatePair> {
  const { ExtendedKeyUsage, ExtendedKeyUsageExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } =
    await load();
  const keys = await newKeys();
  const made = await X509CertificateGenerator.create({
    subject: `CN=${names[0] ?? ''}`,
    issuer: certificate.subject,
    publicKey: keys.publicKey,
    signingKey: privateKey,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - 10 * DAY_MS),
    notAfter: new Date(Date.now() + days * DAY_MS),
    extensions: [
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) > 0 ? ('ip' as const) : ('dns' as const), value })),
      ),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    ],
  });
  return { cert: made.toString('pem'), key: await pemOf(keys.privateKey) };
}

/** Certificates end after two years and are made anew at the first start of their last 90 days. */
const RENEW_MS = 90 * DAY_MS;

/** Paths of PEM files: who signs, a certificate, the key that belongs to it. */
export type CertificateFiles = Readonly<Record<'tlsCa' | 'tlsCert' | 'tlsKey', string>>;

/** The three files of one process under a folder of `keepCertificates`. */
export const certificateFiles = (folder: string, name: string): CertificateFiles => ({
  tlsCa: join(folder, 'ca.pem'),
  tlsCert: join(folder, `${name}.pem`),
  tlsKey: join(folder, `${name}.key`),
});

/**
 * Makes what is missing or ends soon in a folder: an authority (`ca.pem`, `ca.key`), and for each name a certificate (`<name>.pem`, `<name>.key`)
 * for its hosts. Keys are their owner's alone.
 */
export async function keepCertificates(
  folder: string,
  hosts: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const authority = await keepAuthority(folder);
  for (const [name, names] of Object.entries(hosts)) {
    const { tlsCert, tlsKey } = certificateFiles(folder, name);
    if (existsSync(tlsCert) && new X509Certificate(readFileSync(tlsCert)).validToDate.getTime() > Date.now() + RENEW_MS)
      continue;
    const { cert, key } = await makeCertificate(authority, names);
    writeFileSync(tlsKey, key, { mode: 0o600 });
    writeFileSync(tlsCert, line(cert));
  }
}

/** Ends as a file of text does: people put several certificates one after the other. */
const line = (pem: string) => `${pem.trimEnd()}\n`;

async function keepAuthority(folder: string): Promise<Authority> {
  const [file, keyFile] = [join(folder, 'ca.pem'), join(folder, 'ca.key')];
  if (!existsSync(file)) {
    const made = await makeAuthority();
    writeFileSync(keyFile, await pemOf(made.privateKey), { mode: 0o600 });
    writeFileSync(file, line(made.pem));
    return made;
  }
  const { X509Certificate: Certificate } = await load();
  const pem = readFileSync(file, 'utf8');
  const pkcs8 = createPrivateKey(readFileSync(keyFile)).export({ format: 'der', type: 'pkcs8' });
  return {
    pem,
    certificate: new Certificate(pem),
    privateKey: await crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
  };
}
