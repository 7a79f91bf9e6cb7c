import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { lsn, type Manifest, readManifest, segmentsOf } from './backup-folder.ts';
import { EXIT, Ended } from './exit.ts';
import { loadPersonKeys } from './person-keys-part.ts';
import { type Part, readPart } from './sealed-part.ts';
import { inDatabase, PERSON_KEYS, type UrlOf } from './source-cluster.ts';
import { readTar, type TarEntry } from './tar.ts';

/** A backup, and what opens it. `personKeys` may be of a newer one of the same cluster: who was erased since stays erased. */
export interface Backup {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly key: Buffer | undefined;
  readonly personKeys: { readonly folder: string; readonly manifest: Manifest; readonly part: Part } | undefined;
}

/** @throws Ended where the key, or the person keys of another backup, do not belong to it */
export function openBackup(folder: string, key: Buffer | undefined, personKeysOf = folder): Backup {
  const manifest = readManifest(folder);
  if (manifest.encrypted !== (key !== undefined))
    throw new Ended(
      EXIT.config,
      manifest.encrypted
        ? 'This backup is encrypted: set BACKUP_KEY_FILE to the file with its key.'
        : 'This backup is not encrypted, and BACKUP_KEY_FILE or BACKUP_KEY is set: unset it, if it is the one you mean.',
    );
  const other = readManifest(personKeysOf);
  if (other.cluster.identifier !== manifest.cluster.identifier || other.endedAt < manifest.endedAt)
    throw new Ended(
      EXIT.refused,
      `The person keys in ${personKeysOf} are of another installation, or older than the backup.`,
    );
  if (!manifest.personKeys) return { folder, manifest, key, personKeys: undefined };
  if (!other.personKeys || !existsSync(join(personKeysOf, other.personKeys.file)))
    throw new Ended(
      EXIT.notFound,
      `${personKeysOf} has no person keys, without which nobody's address can be read. Name a newer backup that has them: --person-keys.`,
    );
  return { folder, manifest, key, personKeys: { folder: personKeysOf, manifest: other, part: other.personKeys } };
}

/** Reads all of it once. @throws Ended where a byte or a piece of the write-ahead log is missing */
export async function verify({ folder, manifest, key, personKeys }: Backup): Promise<void> {
  const names = new Set<string>();
  for await (const { name } of readTar(readPart(folder, manifest.base, { key, id: manifest.id }))) names.add(name);
  const { wal, segmentBytes, major } = manifest.cluster;
  const missing = [
    'backup_label',
    'global/pg_control',
    'PG_VERSION',
    ...segmentsOf(wal, segmentBytes).map((each) => `pg_wal/${each}`),
  ].filter((name) => !names.has(name));
  if (missing.length > 0)
    throw new Ended(EXIT.refused, `The backup of PostgreSQL ${major} lacks ${missing.join(', ')}.`);
  if (personKeys)
    for await (const _ of readPart(personKeys.folder, personKeys.part, { key, id: personKeys.manifest.id }));
}

/** What lies where the backup is to go, by its control file; undefined where nothing does. */
export function present(folder: string): { identifier: string; checkpoint: bigint; at: Date } | undefined {
  const file = join(folder, 'global', 'pg_control');
  if (!existsSync(file)) return undefined;
  const control = readFileSync(file);
  return {
    identifier: control.readBigUInt64LE(0).toString(),
    at: new Date(Number(control.readBigInt64LE(24)) * 1000),
    checkpoint: control.readBigUInt64LE(32),
  };
}

/** Bytes of the write-ahead log that were written behind the backup; undefined where another cluster lies there. */
export function writtenSince(
  { cluster }: Manifest,
  found: NonNullable<ReturnType<typeof present>>,
): number | undefined {
  return found.identifier === cluster.identifier
    ? Number(BigInt.asIntN(64, found.checkpoint - lsn(cluster.wal.end)))
    : undefined;
}

export interface Into {
  /** The folder of the server's data. */
  readonly folder: string;
  /** The superuser's, as it was when the backup was taken. */
  readonly password: string;
  readonly by: string;
  readonly reason: string;
}

/**
 * Puts a backup in place of a folder, which is moved aside. It is made beside it first and started once, alone on a port of its own: what does not start, or
 * lacks its person keys, takes nobody's place.
 * @returns where the folder before was moved; undefined where there was none
 */
export async function restore(backup: Backup, { folder, password, by, reason }: Into): Promise<string | undefined> {
  const beside = `${folder}.restoring`;
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(beside, { recursive: true, mode: 0o700 });
  await extract(backup, beside);
  await startOnce(backup, beside, password);
  const now = new Date().toISOString();
  const aside = existsSync(folder) ? `${folder}.before-${now.replaceAll(/[:.]/g, '-')}` : undefined;
  if (aside !== undefined) renameSync(folder, aside);
  renameSync(beside, folder);
  const { id, endedAt } = backup.manifest;
  appendFileSync(
    join(dirname(folder), 'restored.jsonl'),
    `${JSON.stringify({ at: now, by, reason, backup: id, takenAt: endedAt, ...(aside === undefined ? {} : { aside }) })}\n`,
    { mode: 0o600, flush: true },
  );
  return aside;
}

async function extract({ folder, manifest, key }: Backup, into: string) {
  const owner = serverUser();
  const own = (path: string) => {
    if (owner) chownSync(path, owner.uid, owner.gid);
  };
  own(into);
  for await (const entry of readTar(readPart(folder, manifest.base, { key, id: manifest.id }))) {
    const path = join(into, within(entry));
    if (entry.type === 'folder') mkdirSync(path, { recursive: true, mode: 0o700 });
    else await pipeline(Readable.from(entry.body), createWriteStream(path, { mode: 0o600 }));
    own(path);
  }
}

/** A name that leads out of the folder would write over anything. */
function within({ name, type }: TarEntry): string {
  const path = normalize(name);
  if (type === 'link' || path.startsWith('..') || path.startsWith('/'))
    throw new Ended(EXIT.refused, `The backup has an entry that leads out of its folder: ${name}.`);
  return path;
}

/** PostgreSQL does not run as root. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { stdio: 'pipe' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    throw new Ended(
      EXIT.config,
      'PostgreSQL does not run as root, and there is no user postgres: make one, or restore as another user.',
    );
  }
}

async function startOnce({ manifest, key, personKeys }: Backup, folder: string, password: string) {
  const { startEmbeddedPostgres } = await import('#local-servers');
  const server = await startEmbeddedPostgres({ folder, password });
  try {
    if (personKeys && manifest.personKeys)
      await inDatabase(server.url(PERSON_KEYS), (client) =>
        loadPersonKeys(client, readPart(personKeys.folder, personKeys.part, { key, id: personKeys.manifest.id })),
      );
    else await inDatabase(server.url('postgres'), (client) => client.query('SELECT 1'));
  } finally {
    await server.stop();
  }
}

/** Of the server that a backup was taken of, when it still answers at its address. */
export async function livingIdentifier(urlOf: UrlOf): Promise<string | undefined> {
  return inDatabase(urlOf('postgres'), async (client) => {
    const { rows } = await client.query<{ id: string }>(
      'SELECT system_identifier::text AS id FROM pg_control_system()',
    );
    return rows[0]?.id;
  }).catch(() => undefined);
}
