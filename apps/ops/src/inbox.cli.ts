import type { Command } from 'commander';
import { changes, type Decision } from './declare.ts';
import { services, withInstallation } from './installation.ts';
import { type Form, outputOption, print, printable, say, whole } from './output.ts';

async function restart(decision: Decision, consumer: string, topic: string) {
  await withInstallation(async (installation) => {
    for (const owner of services(consumer))
      for await (const { says } of installation
        .operations(owner)
        .restartInbox({ topic, ...decision }, installation.context()))
        say(`${says}.`);
  });
}

async function skip(decision: Decision, consumer: string, topic: string, partition: number, offset: number) {
  await withInstallation(async (installation) => {
    for (const owner of services(consumer)) {
      const { streamId, type, data } = await installation
        .operations(owner)
        .skipRecord({ topic, partition, offset, ...decision }, installation.context());
      console.log(printable(`${streamId} ${type} ${data}`));
      say(`${owner} ${decision.apply ? 'goes' : 'would go'} on behind this record.`);
    }
  });
}

const counted = (facts: readonly { type: string; count: number }[]) =>
  facts.map(({ type, count }) => `${count} ${type}`).join(', ');

async function reopen(decision: Decision, service: string, { output }: { output: Form }) {
  await withInstallation(async (installation) => {
    for (const owner of services(service)) {
      const { epoch, fault, head, writtenAt, lost, takenBack, fillers, names, recalled } = await installation
        .operations(owner)
        .reopenLog(decision, installation.context());
      print(
        [
          {
            service: owner,
            epoch,
            newest: head,
            written: writtenAt,
            back: counted(takenBack) || 'nothing',
            fillers,
            recalled: recalled.join(', ') || 'nothing',
            lost: counted(lost) || 'nothing that the bus still has',
            why: fault,
          },
        ],
        output,
      );
      for (const { streamId, version, type } of names) say(`Lost: ${streamId} ${version} ${type}`);
      say(
        decision.apply
          ? `The log of ${owner} goes on in epoch ${epoch}.`
          : `The log of ${owner} would go on in epoch ${epoch}. First make sure that nobody writes to another copy.`,
      );
    }
  });
}

export function inboxCommands(program: Command): void {
  const inbox = program.command('inbox').description("a consumer's place on the bus");
  changes(
    inbox
      .command('skip')
      .description('goes on behind a record that a consumer stands still at, as it can neither be applied nor parked')
      .argument('<consumer>', 'a service')
      .argument('<topic>', 'such as identity.accounts')
      .argument('<partition>', 'its number', (value) => whole(value))
      .argument('<offset>', 'of the record', (value) => whole(value)),
    skip,
  );
  changes(
    inbox
      .command('restart')
      .description('reads a topic anew from its owner, after the bus was lost or replaced')
      .argument('<consumer>', 'a service')
      .argument('<topic>', 'such as identity.accounts'),
    restart,
  );
  changes(
    program
      .command('log')
      .description("a service's log")
      .command('reopen')
      .description(
        'goes on with a database that was restored from a copy, when nobody writes to the other one any more, and takes back what it lacks; shows first what that is, and what is lost',
      )
      .argument('<service>')
      .addOption(outputOption()),
    reopen,
  );
}
