import { existsSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { makeKeyPair } from '#local-servers';

/** The file of operators of an installation. The user of its first start becomes an operator, by the key in `operator.json`. */
export function operatorsFile(folder: string): string {
  const file = join(folder, 'operators.json');
  if (existsSync(file)) return file;
  const { privateKey, publicKey } = makeKeyPair();
  const name = userInfo().username;
  writeFileSync(join(folder, 'operator.json'), JSON.stringify({ name, privateKey }, null, 2), { mode: 0o600 });
  writeFileSync(file, JSON.stringify({ [name]: publicKey }, null, 2), { mode: 0o600 });
  return file;
}
