import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Manifest } from './backup-folder.ts';
import { changes, type Decision } from './declare.ts';
import { EXIT, Ended } from './exit.ts';
import { spokenTo } from './installation.ts';
import { type Form, megabytes, outputOption, print, say } from './output.ts';
import type { Backup } from './restore.ts';

interface Options {
  readonly output: Form;
  readonly into?: string;
  readonly personKeys?: string;
}

async function putBack({ apply, reason }: Decision, folder: string, options: Options) {
  const [{ openBackup, restore, verify }, { backupKey }] = await Promise.all([
    import('./restore.ts'),
    import('./sealed-part.ts'),
  ]);
  const env = spokenTo();
  const key = backupKey(env, (file) => readFileSync(file, 'utf8'));
  const backup = openBackup(folder, key, options.personKeys);
  show(backup, options.output);
  const { password, into } = await target(env, options.into);
  await stopped(env, backup.manifest, into);
  await sameServer(backup.manifest);
  say('Reading all of it …');
  await verify(backup);
  await tellPresent(backup.manifest, into);
  if (!apply) {
    say(`It is whole. It would be put into ${into}; what lies there would be moved aside.`);
    return;
  }
  const began = performance.now();
  const aside = await restore(backup, { folder: into, password, by: userInfo().username, reason });
  say(
    `Restored into ${into} in ${((performance.now() - began) / 1000).toFixed(1)} s.${aside === undefined ? '' : ` What lay there is now ${aside}.`}
It is marked as a copy: when Rollcall is started on it nobody is judged by it until you go on with each log: rollcall log reopen <service>.`,
  );
}

function show({ manifest, personKeys }: Backup, form: Form) {
  print(
    manifest.logs.map(({ database, epoch, head, recordedAt, incarnation }) => ({
      database,
      epoch,
      head,
      recorded: recordedAt,
      incarnation,
    })),
    form,
  );
  const { release, beganAt, endedAt, by, reason, cluster } = manifest;
  say(
    `Taken from ${beganAt} to ${endedAt} by ${by} (${reason}), release ${release}, PostgreSQL ${cluster.major}. ${
      personKeys === undefined ? 'No person keys.' : `Person keys of ${personKeys.manifest.personKeys?.takenAt ?? ''}.`
    }`,
  );
}

/** Where it goes, and the superuser's password, which is in the backup: the databases are opened with it. */
async function target(env: NodeJS.ProcessEnv, into: string | undefined): Promise<{ into: string; password: string }> {
  const { dataFolder, ownerUrl, superuserPassword } = await import('./source-cluster.ts');
  const url = ownerUrl(env)?.('postgres');
  const password = url === undefined ? superuserPassword(env) : decodeURIComponent(new URL(url).password);
  if (password === undefined)
    throw new Ended(
      EXIT.config,
      `There is no ${join(dataFolder(env), 'secrets.json')}, which is in no backup: bring it back first, or set OWNER_DATABASE_URL to what was the superuser's address.`,
    );
  return { into: resolve(into ?? join(dataFolder(env), 'postgres')), password };
}

/** Two that go on from one log would both be believed. @throws Ended where the old server runs */
async function stopped(env: NodeJS.ProcessEnv, manifest: Manifest, into: string) {
  const [{ livingPostgres }, { livingIdentifier }, { ownerUrl }] = await Promise.all([
    import('#local-servers'),
    import('./restore.ts'),
    import('./source-cluster.ts'),
  ]);
  const server = livingPostgres(into);
  if (server) throw new Ended(EXIT.refused, `PostgreSQL runs on ${into} (process ${server.pid}): stop Rollcall first.`);
  const urlOf = ownerUrl(env);
  if (urlOf && (await livingIdentifier(urlOf)) === manifest.cluster.identifier)
    throw new Ended(
      EXIT.refused,
      'The server that this backup was taken of still runs (OWNER_DATABASE_URL): stop it first.',
    );
}

/** @throws Ended where the PostgreSQL of this release does not open it */
async function sameServer({ cluster, release }: Manifest) {
  const { POSTGRES_MAJOR } = await import('#local-servers');
  if (cluster.major !== POSTGRES_MAJOR)
    throw new Ended(
      EXIT.refused,
      `This is a backup of PostgreSQL ${cluster.major}, and this release has ${POSTGRES_MAJOR}: restore it with release ${release}.`,
    );
}

async function tellPresent(manifest: Manifest, into: string) {
  const { present, writtenSince } = await import('./restore.ts');
  const found = present(into);
  if (!found) {
    say(`Nothing lies in ${into}.`);
    return;
  }
  const since = writtenSince(manifest, found);
  if (since === undefined) say(`In ${into} lies another cluster, of ${found.at.toISOString()}.`);
  else if (since > 0)
    say(
      `In ${into} lies the same cluster, last written at ${found.at.toISOString()}: ${megabytes(since)} of its write-ahead log are newer than this backup and would be lost to it, revocations among them.`,
    );
  else say(`In ${into} lies the same cluster, with nothing newer at its last checkpoint (${found.at.toISOString()}).`);
}

export function restoreCommands(program: Command): void {
  changes(
    program
      .command('restore')
      .description('puts a backup in place of the databases, which are stopped; BACKUP_KEY_FILE names what opens it')
      .argument('<backup>', 'its folder')
      .option('--into <folder>', "PostgreSQL's data; else that of this machine's installation")
      .option('--person-keys <backup>', 'a newer one, whose person keys are taken: who was erased since stays erased')
      .addOption(outputOption()),
    putBack,
  );
}
