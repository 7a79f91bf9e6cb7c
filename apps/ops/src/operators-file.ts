import { createPublicKey } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { EXIT, Ended } from './exit.ts';

/** Who operates: name to public key (SPKI PEM). */
export type Operators = Readonly<Record<string, string>>;

/** In the data folder that was named, which goes before what lies where the command happens to run. */
const inData = (file: string) =>
  process.env.ROLLCALL_DATA === undefined ? undefined : join(process.env.ROLLCALL_DATA, file);
const PLACES = [join('operators', 'operators.json'), join('.rollcall', 'operators.json')];

/** The file that is meant: the one that is named, or that of the installation in this folder. @throws Ended */
export function operatorsFile(named: string | undefined): string {
  const file = named ?? inData('operators.json') ?? PLACES.find((place) => existsSync(place));
  if (file !== undefined && existsSync(file)) return file;
  throw new Ended(
    EXIT.config,
    `There is no ${file ?? PLACES.join(' and no ')}. Run this where the installation is, name the file with --file, or make an installation with "rollcall init".`,
  );
}

/** @throws Ended */
export function readOperators(file: string): Operators {
  try {
    const read = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    if (typeof read === 'object' && read !== null && Object.values(read).every((key) => typeof key === 'string'))
      return read as Operators;
  } catch {
    // An unreadable file is reported below.
  }
  throw new Ended(
    EXIT.config,
    `${file} is no file of operators, or cannot be read: it must be JSON, name to public key.`,
  );
}

/** Whole or not at all, since services read it at any time; who may read it stays as it was. */
export function writeOperators(file: string, operators: Operators): void {
  const mode = existsSync(file) ? statSync(file).mode & 0o777 : 0o644;
  writeFileSync(`${file}.new`, `${JSON.stringify(operators, null, 2)}\n`, { mode, flush: true });
  renameSync(`${file}.new`, file);
}

/** Appends to the record beside the file: which operator was added or removed, by which user and why. */
export function noteChange(file: string, change: { action: 'add' | 'remove'; name: string; reason: string }): void {
  const line = { at: new Date().toISOString(), by: userInfo().username, ...change };
  writeFileSync(`${file}.log`, `${JSON.stringify(line)}\n`, { mode: 0o600, flag: 'a', flush: true });
}

/** Where a made key goes: to where this machine's own operator has theirs, if it is theirs, so that commands go on; else to a file of their name. */
export function placeOfKey(name: string): string {
  const own = process.env.ROLLCALL_OPERATOR ?? inData('operator.json') ?? KEY_PLACES.find((place) => existsSync(place));
  return own !== undefined && nameIn(own) === name ? own : `operator-${name}.json`;
}

const KEY_PLACES = ['operator.json', join('.rollcall', 'operator.json')];

function nameIn(keyFile: string): unknown {
  try {
    return (JSON.parse(readFileSync(keyFile, 'utf8')) as { name?: unknown }).name;
  } catch {
    return undefined;
  }
}

/** @throws Ended where a file is there already, unless it holds a key of this name, whose operator was removed */
export function requirePlace(file: string, name: string): void {
  if (existsSync(file) && nameIn(file) !== name)
    throw new Ended(EXIT.refused, `${file} is there already. Name another file with --key-file.`);
}

/** A file for one operator's eyes alone, that says who they are. An old key of theirs, which no longer counts, is written over. @throws Ended */
export function writeOperatorKey(file: string, name: string, privateKey: string): void {
  requirePlace(file, name);
  writeFileSync(`${file}.new`, `${JSON.stringify({ name, privateKey }, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(`${file}.new`, file);
}

/** A public key from a pair that the new operator made themselves. @throws Ended */
export function publicKey(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    const key = createPublicKey(text);
    if (!text.includes('PRIVATE') && key.asymmetricKeyType === 'ed25519')
      return key.export({ type: 'spki', format: 'pem' }).toString();
  } catch {
    // An unreadable file is reported below.
  }
  throw new Ended(
    EXIT.usage,
    `${file} is no public key of Ed25519. Make one with: openssl genpkey -algorithm ed25519 -out mine.pem && openssl pkey -in mine.pem -pubout -out ${file}`,
  );
}
