import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import type { Logger } from './logger.ts';

/** By what a process proves itself, and knows the others: paths of PEM files, all three or none. Without them nothing is encrypted but what an address asks for. */
export const tlsConfig = z.object({
  /** The certificates of who signs for this installation. */
  tlsCa: z.string().optional(),
  /** This process's own, with its chain: its names are those by which the others reach it. */
  tlsCert: z.string().optional(),
  /** The private key that belongs to it. */
  tlsKey: z.string().optional(),
});

export type Tls = z.output<typeof tlsConfig>;

/** Whether TLS is asked for. @throws ConfigError where it is asked for by half */
export function isTls(config: Tls): config is { tlsCa: string; tlsCert: string; tlsKey: string } {
  const told = (['tlsCa', 'tlsCert', 'tlsKey'] as const).filter((name) => config[name] !== undefined);
  if (told.length === 0 || told.length === 3) return told.length > 0;
  throw new ConfigError([
    'TLS_CA, TLS_CERT, TLS_KEY: are set together, or none of them: the authority, this process’s certificate and its key, each the path of a PEM file',
  ]);
}

/** The address of a database, verified against our authority unless it says by itself how it is (`sslmode`). pg reads the file anew for each connection. */
export function verified(databaseUrl: string, ca: string): string {
  const { searchParams } = new URL(databaseUrl);
  const add = [
    ...(searchParams.has('sslmode') ? [] : ['sslmode=verify-full']),
    ...(searchParams.has('sslrootcert') || searchParams.get('sslmode') === 'disable'
      ? []
      : [`sslrootcert=${encodeURIComponent(ca)}`]),
  ].join('&');
  return add === '' ? databaseUrl : `${databaseUrl}${databaseUrl.includes('?') ? '&' : '?'}${add}`;
}

/** What the files hold. */
export interface Pems {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

type Files = Readonly<Record<'tlsCa' | 'tlsCert' | 'tlsKey', string>>;

const known = new Map<string, Certificates>();

/** The certificates of a process as its files hold them now. */
export class Certificates {
  private stamp: string;
  private pems: Pems;

  /** @throws ConfigError where the files cannot be used */
  constructor(
    private readonly files: Files,
    private readonly logger: Pick<Logger, 'info' | 'warn'>,
  ) {
    this.stamp = stampOf(files);
    this.pems = readPems(files);
  }

  /** Those that a configuration names; undefined where it asks for no TLS. @throws ConfigError */
  static of(config: Tls, logger: Pick<Logger, 'info' | 'warn'>): Certificates | undefined {
    if (!isTls(config)) return undefined;
    const key = JSON.stringify([config.tlsCa, config.tlsCert, config.tlsKey]);
    const found = known.get(key) ?? new Certificates(config, logger);
    known.set(key, found);
    return found;
  }

  /** Read anew when a file has changed. What cannot be used is told once, and the last that could be stays: files are written one after the other. */
  get now(): Pems {
    const stamp = stampOf(this.files);
    if (stamp === this.stamp) return this.pems;
    this.stamp = stamp;
    try {
      this.pems = readPems(this.files);
      this.logger.info({ until: new X509Certificate(this.pems.cert).validTo }, 'new connections have new certificates');
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.logger.warn({ faults: error.faults }, 'new certificates cannot be used; those from before stay');
    }
    return this.pems;
  }
}

const stampOf = (files: Files) =>
  Object.values({ ca: files.tlsCa, cert: files.tlsCert, key: files.tlsKey })
    .map((file) => statSync(file, { bigint: true, throwIfNoEntry: false }))
    .map((found) => (found ? `${found.ino} ${found.mtimeNs} ${found.size}` : 'none'))
    .join();

function readPems({ tlsCa, tlsCert, tlsKey }: Files): Pems {
  const pems = {
    ca: read('TLS_CA', tlsCa, 'certificates', (pem) => new X509Certificate(pem)),
    cert: read('TLS_CERT', tlsCert, 'a certificate', (pem) => new X509Certificate(pem)),
    key: read('TLS_KEY', tlsKey, 'a private key', createPrivateKey),
  };
  const certificate = new X509Certificate(pems.cert);
  if (!certificate.checkPrivateKey(createPrivateKey(pems.key)))
    throw new ConfigError([
      `TLS_KEY: ${tlsKey} does not belong to the certificate in ${tlsCert}. Name the two that were made together`,
    ]);
  if (certificate.validToDate.getTime() < Date.now())
    throw new ConfigError([`TLS_CERT: the certificate in ${tlsCert} has ended on ${certificate.validTo}. Renew it`]);
  return pems;
}

function read(name: string, file: string, what: string, parse: (pem: Buffer) => unknown): Buffer {
  let pem: Buffer;
  try {
    pem = readFileSync(file);
  } catch {
    throw new ConfigError([
      `${name}: ${file} cannot be read. It must be there, and readable by whom this process runs as`,
    ]);
  }
  try {
    parse(pem);
  } catch {
    throw new ConfigError([`${name}: ${file} does not hold ${what} in PEM`]);
  }
  return pem;
}
