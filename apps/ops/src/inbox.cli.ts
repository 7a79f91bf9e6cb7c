import type { Command } from 'commander';
import { services, withInstallation } from './installation.ts';
import { say } from './output.ts';

async function restart(consumer: string, topic: string) {
  await withInstallation(async (installation) => {
    for (const owner of services(consumer)) await installation.operations(owner).restartInbox({ topic }, installation.context());
    say(`${consumer} begins ${topic} anew within half a minute: it drops what it knows, and fetches what it misses from the owner of each stream.`);
  });
}

export function inboxCommands(program: Command): void {
  program.command('inbox').description('a consumer\'s place on the bus')
    .command('restart').description('forgets its place in a topic, after the bus was lost or replaced').argument('<consumer>', 'a service').argument('<topic>', 'such as identity.accounts').action(restart);
}
