#!/usr/bin/env node
import { CommanderError } from 'commander';
import { endedBy, EXIT } from './exit.ts';
import { program } from './program.ts';

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else {
    const ended = endedBy(error);
    console.error(ended.message);
    process.exitCode = ended.code;
  }
}
