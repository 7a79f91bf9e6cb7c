import type { Command } from 'commander';
import { EXIT, Ended } from './exit.ts';
import { services, withInstallation } from './installation.ts';
import { type Form, outputOption, print, printable, say, whole } from './output.ts';

async function restart(consumer: string, topic: string) {
  await withInstallation(async (installation) => {
    for (const owner of services(consumer))
      for await (const { says } of installation.operations(owner).restartInbox({ topic }, installation.context()))
        say(`${says}.`);
  });
}

interface Skip {
  readonly reason: string;
  readonly apply?: boolean;
}

async function skip(
  consumer: string,
  topic: string,
  partition: number,
  offset: number,
  { reason, apply = false }: Skip,
) {
  await withInstallation(async (installation) => {
    for (const owner of services(consumer)) {
      const { streamId, type, data } = await installation
        .operations(owner)
        .skipRecord({ topic, partition, offset, reason, apply }, installation.context());
      console.log(printable(`${streamId} ${type} ${data}`));
      say(
        apply
          ? `${owner} goes on behind it.`
          : `${owner} would go on behind this record. Nothing was changed: say --apply.`,
      );
    }
  });
}

async function reopen(
  service: string,
  { reason = '', apply = false, output }: { reason?: string; apply?: boolean; output: Form },
) {
  if (apply && reason.trim() === '')
    throw new Ended(EXIT.usage, 'Say why this copy is the one to go on with: --reason <why>. It is kept.');
  await withInstallation(async (installation) => {
    for (const owner of services(service)) {
      const { epoch, fault, head, writtenAt, lost } = await installation
        .operations(owner)
        .reopenLog({ reason, apply }, installation.context());
      print(
        [
          {
            service: owner,
            epoch,
            newest: head,
            written: writtenAt,
            lost: lost.map(({ type, count }) => `${count} ${type}`).join(', ') || 'nothing that the bus still has',
            why: fault,
          },
        ],
        output,
      );
      say(
        apply
          ? `The log of ${owner} goes on in epoch ${epoch}.`
          : `The log of ${owner} would go on in epoch ${epoch}. Nothing was changed: make sure that nobody writes to another copy, then say --apply --reason <why>.`,
      );
    }
  });
}

export function inboxCommands(program: Command): void {
  const inbox = program.command('inbox').description("a consumer's place on the bus");
  inbox
    .command('skip')
    .description(
      'goes on behind a record that a consumer stands still at, as it can neither be applied nor parked; says what it would do until --apply',
    )
    .argument('<consumer>', 'a service')
    .argument('<topic>', 'such as identity.accounts')
    .argument('<partition>', 'its number', (value) => whole(value))
    .argument('<offset>', 'of the record', (value) => whole(value))
    .requiredOption('--reason <why>', 'kept as evidence')
    .option('--apply', 'does it')
    .action(skip);
  inbox
    .command('restart')
    .description('reads a topic anew from its owner, after the bus was lost or replaced')
    .argument('<consumer>', 'a service')
    .argument('<topic>', 'such as identity.accounts')
    .action(restart);
  program
    .command('log')
    .description("a service's log")
    .command('reopen')
    .description(
      'goes on with a database that was restored from a copy, when nobody writes to the other one any more; shows what that would lose unless --apply',
    )
    .argument('<service>')
    .option('--apply', 'do it')
    .option('--reason <why>', 'kept as evidence')
    .addOption(outputOption())
    .action(reopen);
}
