import type { Command } from 'commander';
import { EXIT, Ended } from './exit.ts';
import { services, withInstallation } from './installation.ts';
import { type Form, outputOption, print, say } from './output.ts';

async function restart(consumer: string, topic: string) {
  await withInstallation(async (installation) => {
    for (const owner of services(consumer)) for await (const { says } of installation.operations(owner).restartInbox({ topic }, installation.context())) say(`${says}.`);
  });
}

async function reopen(service: string, { reason = '', apply = false, output }: { reason?: string; apply?: boolean; output: Form }) {
  if (apply && reason.trim() === '') throw new Ended(EXIT.usage, 'Say why this copy is the one to go on with: --reason <why>. It is kept.');
  await withInstallation(async (installation) => {
    for (const owner of services(service)) {
      const { epoch, fault, head, writtenAt, lost } = await installation.operations(owner).reopenLog({ reason, apply }, installation.context());
      print([{ service: owner, epoch, newest: head, written: writtenAt, lost: lost.map(({ type, count }) => `${count} ${type}`).join(', ') || 'nothing that the bus still has', why: fault }], output);
      say(apply ? `The log of ${owner} goes on in epoch ${epoch}.` : `The log of ${owner} would go on in epoch ${epoch}. Nothing was changed: make sure that nobody writes to another copy, then say --apply --reason <why>.`);
    }
  });
}

export function inboxCommands(program: Command): void {
  program.command('inbox').description('a consumer\'s place on the bus')
    .command('restart').description('reads a topic anew from its owner, after the bus was lost or replaced').argument('<consumer>', 'a service').argument('<topic>', 'such as identity.accounts').action(restart);
  program.command('log').description('a service\'s log')
    .command('reopen').description('goes on with a database that was restored from a copy, when nobody writes to the other one any more; shows what that would lose unless --apply').argument('<service>')
    .option('--apply', 'do it').option('--reason <why>', 'kept as evidence').addOption(outputOption()).action(reopen);
}
