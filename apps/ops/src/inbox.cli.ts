import type { Command } from 'commander';
import { services, withInstallation } from './installation.ts';
import { say } from './output.ts';

async function restart(consumer: string, topic: string) {
  await withInstallation(async (installation) => {
    for (const owner of services(consumer)) for await (const { says } of installation.operations(owner).restartInbox({ topic }, installation.context())) say(`${says}.`);
  });
}

async function reopen(service: string, { reason }: { reason: string }) {
  await withInstallation(async (installation) => {
    for (const owner of services(service)) say(`The log of ${owner} goes on in epoch ${(await installation.operations(owner).reopenLog({ reason }, installation.context())).epoch}.`);
  });
}

export function inboxCommands(program: Command): void {
  program.command('inbox').description('a consumer\'s place on the bus')
    .command('restart').description('reads a topic anew from its owner, after the bus was lost or replaced').argument('<consumer>', 'a service').argument('<topic>', 'such as identity.accounts').action(restart);
  program.command('log').description('a service\'s log')
    .command('reopen').description('goes on with a database that was restored from a copy, when nobody writes to the other one any more').argument('<service>').requiredOption('--reason <why>', 'kept as evidence').action(reopen);
}
