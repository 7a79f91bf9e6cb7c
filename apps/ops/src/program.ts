import { Command } from 'commander';
import { accountCommands } from './account.cli.ts';
import { configCommands } from './config.cli.ts';
import { devCommands } from './dev.cli.ts';
import { doctorCommands } from './doctor.cli.ts';
import { eventCommands } from './events.cli.ts';
import { EXIT, Ended } from './exit.ts';
import { inactivityCommands } from './inactivity.cli.ts';
import { inboxCommands } from './inbox.cli.ts';
import { initCommands } from './init.cli.ts';
import { goOffline } from './installation.ts';
import { keyCommands } from './keys.cli.ts';
import { operatorCommands } from './operators.cli.ts';
import { keepWide } from './output.ts';
import { organizationCommands } from './organizations.cli.ts';
import { parkedCommands } from './parked.cli.ts';
import { projectionCommands } from './projections.cli.ts';
import { statusCommands } from './status.cli.ts';
import { streamCommands } from './streams.cli.ts';

interface Everywhere {
  readonly offline?: boolean;
  readonly databaseUrl?: string;
  readonly wide?: boolean;
}

/** All commands. Nothing is loaded with them that they need only when they run. */
export function program(): Command {
  const rollcall = new Command('rollcall')
    .description('Rollcall for operators')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .option('--wide', 'one line a row, however long')
    .option('--offline', "work on one service's database without the service; noted there with your name")
    .option('--database-url <url>', 'with --offline: that database');
  rollcall.hook('preAction', () => {
    const { offline = false, databaseUrl, wide = false } = rollcall.opts<Everywhere>();
    if (offline !== (databaseUrl !== undefined))
      throw new Ended(EXIT.usage, '--offline and --database-url go together.');
    if (databaseUrl !== undefined) goOffline(databaseUrl);
    if (wide) keepWide();
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
    keyCommands,
    inactivityCommands,
    operatorCommands,
    initCommands,
    configCommands,
    devCommands,
  ])
    add(rollcall);
  return rollcall;
}
