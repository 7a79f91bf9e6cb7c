import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KeyPair, makeSecrets } from '#local-servers';

/** The secrets of one installation, made at its first start and kept in its data folder for its owner's eyes alone. */
export interface Secrets {
  readonly postgresPassword: string;
  readonly rolePassword: string;
  readonly installationKey: string;
  readonly masterKey: string;
  readonly callers: Readonly<Record<string, KeyPair>>;
}

/** @throws when the file is there but cannot be read. */
export function installationSecrets(folder: string): Secrets {
  const file = join(folder, 'secrets.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Secrets;
  const secrets = makeSecrets();
  // Written beside and moved into place: a crash leaves all of it or nothing.
  writeFileSync(`${file}.new`, JSON.stringify(secrets, null, 2), { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
  return secrets;
}
