import { styleText } from 'node:util';
import { Command } from 'commander';
import { accountCommands } from './account.cli.ts';
import { backupCommands } from './backup.cli.ts';
import { configCommands } from './config.cli.ts';
import { devCommands } from './dev.cli.ts';
import { doctorCommands } from './doctor.cli.ts';
import { eventCommands } from './events.cli.ts';
import { EXAMPLES } from './examples.ts';
import { EXIT, Ended } from './exit.ts';
import { inactivityCommands } from './inactivity.cli.ts';
import { inboxCommands } from './inbox.cli.ts';
import { initCommands } from './init.cli.ts';
import { goOffline, speakTo } from './installation.ts';
import { keyCommands } from './keys.cli.ts';
import { operatorCommands } from './operators.cli.ts';
import { keepWide } from './output.ts';
import { organizationCommands } from './organizations.cli.ts';
import { ssoCommands } from './sso.cli.ts';
import { parkedCommands } from './parked.cli.ts';
import { profileCommands } from './profiles.cli.ts';
import { underProfile } from './profiles.ts';
import { projectionCommands } from './projections.cli.ts';
import { version } from './release.ts';
import { repairCommands } from './repair.cli.ts';
import { restoreCommands } from './restore.cli.ts';
import { secretCommands } from './secrets.cli.ts';
import { statusCommands } from './status.cli.ts';
import { streamCommands } from './streams.cli.ts';

interface Everywhere {
  readonly offline?: boolean;
  readonly databaseUrl?: string;
  readonly wide?: boolean;
  readonly profile?: string;
}

/** All commands. Nothing is loaded with them that they need only when they run. */
export function program(): Command {
  const rollcall = new Command('rollcall')
    .description('Rollcall for operators')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, styleTitle: (title) => styleText('bold', title) })
    .version(version(), '-V, --version', 'which release this is')
    .option('--profile <name>', 'an installation by its name; else ROLLCALL_PROFILE, or the one of this folder')
    .option('--wide', 'one line a row, however long')
    .option('--offline', "work on one service's database without the service; noted there with your name")
    .option('--database-url <url>', 'with --offline: that database');
  rollcall.hook('preAction', () => {
    const {
      offline = false,
      databaseUrl,
      wide = false,
      profile = process.env.ROLLCALL_PROFILE,
    } = rollcall.opts<Everywhere>();
    if (offline !== (databaseUrl !== undefined))
      throw new Ended(EXIT.usage, '--offline and --database-url go together.');
    if (databaseUrl !== undefined) goOffline(databaseUrl);
    if (wide) keepWide();
    if (profile !== undefined && profile !== '') speakTo(underProfile(profile));
  });
  for (const add of [
    statusCommands,
    doctorCommands,
    projectionCommands,
    streamCommands,
    eventCommands,
    parkedCommands,
    inboxCommands,
    accountCommands,
    organizationCommands,
    ssoCommands,
    keyCommands,
    inactivityCommands,
    operatorCommands,
    profileCommands,
    secretCommands,
    repairCommands,
    backupCommands,
    restoreCommands,
    initCommands,
    configCommands,
    devCommands,
  ])
    add(rollcall);
  rollcall.addHelpText('after', '\nCompletion: source <(rollcall complete bash), or zsh, fish, powershell');
  for (const [words, command] of commandsOf(rollcall))
    command.addHelpText('after', () =>
      ['', styleText('bold', 'Examples:'), ...(EXAMPLES[words] ?? []).map((example) => `  rollcall ${example}`)].join(
        '\n',
      ),
    );
  return rollcall;
}

/** Every command that does something, by its words. */
export const commandsOf = (at: Command, words: readonly string[] = []): [string, Command][] =>
  at.commands.length > 0
    ? at.commands.flatMap((each) => commandsOf(each, [...words, each.name()]))
    : [[words.join(' '), at]];
