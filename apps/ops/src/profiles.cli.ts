import type { Command } from 'commander';
import { looks } from './declare.ts';
import { type Form, outputOption, print, say } from './output.ts';
import { profiles, profilesFile } from './profiles.ts';

function list({ output }: { output: Form }) {
  print(
    Object.entries(profiles()).map(([name, { peers, operator }]) => ({
      name,
      peers: typeof peers === 'string' ? peers : JSON.stringify(peers),
      operator,
    })),
    output,
  );
  say(`They stand in ${profilesFile()}; --profile <name> or ROLLCALL_PROFILE takes one.`);
}

export function profileCommands(program: Command): void {
  looks(
    program
      .command('profiles')
      .description('installations by name: where their services answer, and as whom you operate them')
      .command('list')
      .description('all of them')
      .addOption(outputOption()),
    list,
  );
}
