import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { changes, type Decision } from './declare.ts';
import { EXIT, Ended } from './exit.ts';
import { spokenTo } from './installation.ts';
import { type Form, megabytes, outputOption, print, say } from './output.ts';
import { version } from './release.ts';

async function take({ apply, reason }: Decision, folder: string, { output }: { readonly output: Form }) {
  const [{ isFree }, { backUp, lookAt }, { backupKey }, { sourceCluster }] = await Promise.all([
    import('./backup-folder.ts'),
    import('./backup.ts'),
    import('./sealed-part.ts'),
    import('./source-cluster.ts'),
  ]);
  const env = spokenTo();
  const key = backupKey(env, (file) => readFileSync(file, 'utf8'));
  if (!isFree(folder)) throw new Ended(EXIT.refused, `${folder} is not empty: each backup has a folder of its own.`);
  const urlOf = await sourceCluster(env);
  const source = await lookAt(urlOf);
  print(
    source.logs.map(({ database, epoch, head, recordedAt }) => ({ database, epoch, head, recorded: recordedAt })),
    output,
  );
  const sealed = key === undefined ? 'NOT encrypted: no BACKUP_KEY_FILE is set' : 'encrypted';
  if (!apply) {
    say(
      `${megabytes(source.bytes)} in ${source.databases.length} databases would be copied to ${folder}, compressed and ${sealed}; ${megabytes(freeAt(folder))} are free there.`,
    );
    return;
  }
  const began = performance.now();
  const { base, personKeys } = await backUp(urlOf, {
    folder: resolve(folder),
    key,
    release: version(),
    by: userInfo().username,
    reason,
  });
  say(
    `Taken in ${((performance.now() - began) / 1000).toFixed(1)} s, ${sealed}: ${base.file} (${megabytes(base.bytes)})${
      personKeys === undefined
        ? '. Person keys lie in another cluster: take that one, too'
        : `, and ${personKeys.file} with the keys of ${personKeys.rows} persons, to be kept for no more than 7 days`
    }.`,
  );
}

/** Of the disk of a folder that may not be there yet. */
function freeAt(folder: string): number {
  let at = resolve(folder);
  while (!existsSync(at)) at = dirname(at);
  const { bavail, bsize } = statfsSync(at);
  return bavail * bsize;
}

export function backupCommands(program: Command): void {
  changes(
    program
      .command('backup')
      .description('copies all databases of the running cluster at one moment; BACKUP_KEY_FILE names what seals it')
      .argument('<folder>', 'a new one')
      .addOption(outputOption()),
    take,
  );
}
