#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { accountCommands } from './account.cli.ts';
import { configCommands } from './config.cli.ts';
import { devCommands } from './dev.cli.ts';
import { doctorCommands } from './doctor.cli.ts';
import { eventCommands } from './events.cli.ts';
import { endedBy, EXIT, Ended } from './exit.ts';
import { inactivityCommands } from './inactivity.cli.ts';
import { inboxCommands } from './inbox.cli.ts';
import { initCommands } from './init.cli.ts';
import { goOffline } from './installation.ts';
import { keyCommands } from './keys.cli.ts';
import { operatorCommands } from './operators.cli.ts';
import { parkedCommands } from './parked.cli.ts';
import { projectionCommands } from './projections.cli.ts';
import { statusCommands } from './status.cli.ts';
import { streamCommands } from './streams.cli.ts';

const program = new Command('rollcall')
  .description('Rollcall for operators')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true });
program
  .option('--offline', "work on one service's database without the service; noted there with your name")
  .option('--database-url <url>', 'with --offline: that database')
  .hook('preAction', () => {
    const { offline = false, databaseUrl } = program.opts<{ offline?: boolean; databaseUrl?: string }>();
    if (offline !== (databaseUrl !== undefined))
      throw new Ended(EXIT.usage, '--offline and --database-url go together.');
    if (databaseUrl !== undefined) goOffline(databaseUrl);
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
  keyCommands,
  inactivityCommands,
  operatorCommands,
  initCommands,
  configCommands,
  devCommands,
])
  add(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else {
    const ended = endedBy(error);
    console.error(ended.message);
    process.exitCode = ended.code;
  }
}
