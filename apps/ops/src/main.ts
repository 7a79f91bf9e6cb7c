#!/usr/bin/env node
import { CommanderError } from 'commander';
import { endedBy, EXIT } from './exit.ts';
import { program } from './program.ts';

try {
  const rollcall = program();
  // The completion has to load every command; no other command needs that.
  if (process.argv[2] === 'complete') (await import('@bomb.sh/tab/commander')).default(rollcall);
  await rollcall.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else {
    const ended = endedBy(error);
    console.error(ended.message);
    process.exitCode = ended.code;
  }
}
