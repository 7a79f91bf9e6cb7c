#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { accountCommands } from './account.cli.ts';
import { configCommands } from './config.cli.ts';
import { devCommands } from './dev.cli.ts';
import { doctorCommands } from './doctor.cli.ts';
import { eventCommands } from './events.cli.ts';
import { endedBy, EXIT } from './exit.ts';
import { inboxCommands } from './inbox.cli.ts';
import { initCommands } from './init.cli.ts';
import { keyCommands } from './keys.cli.ts';
import { operatorCommands } from './operators.cli.ts';
import { parkedCommands } from './parked.cli.ts';
import { projectionCommands } from './projections.cli.ts';
import { statusCommands } from './status.cli.ts';
import { streamCommands } from './streams.cli.ts';

const program = new Command('rollcall').description('Rollcall for operators').exitOverride().configureHelp({ showGlobalOptions: true });
for (const add of [statusCommands, doctorCommands, projectionCommands, streamCommands, eventCommands, parkedCommands, inboxCommands, accountCommands, keyCommands, operatorCommands, initCommands, configCommands, devCommands]) add(program);

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
