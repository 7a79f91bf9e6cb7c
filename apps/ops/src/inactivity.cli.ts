import type { Command } from 'commander';
import { changes, type Decision, looks } from './declare.ts';
import { withInstallation } from './installation.ts';
import { type Form, outputOption, print, say } from './output.ts';

async function gaps({ output }: { output: Form }) {
  await withInstallation(async ({ peers, context }) => {
    const { gaps: found } = await peers.of('inactivity-policy', 'Inactivity').listGaps({}, context());
    print(
      found.map(({ instance, since, heardAt, kept }) => ({ gateway: instance, since, lastHeard: heardAt, kept })),
      output,
    );
    say(
      found.length === 0
        ? 'No gateway is missing: suspensions go on.'
        : 'Nobody is suspended until each of these is heard again or closed with "rollcall inactivity close-gap". Warnings go on.',
    );
  });
}

async function closeGap(decision: Decision, instance: string) {
  await withInstallation(async ({ peers, context }) => {
    const { since } = await peers.of('inactivity-policy', 'Inactivity').closeGap({ instance, ...decision }, context());
    say(
      `What gateway ${instance} saw after ${since} and did not tell ${decision.apply ? 'is' : 'would be'} waited for no longer.`,
    );
  });
}

export function inactivityCommands(program: Command): void {
  const inactivity = program.command('inactivity').description('the inactivity policy');
  looks(
    inactivity
      .command('gaps')
      .description('gateways that fell silent without having left: while there is one, nobody is suspended')
      .addOption(outputOption()),
    gaps,
  );
  changes(
    inactivity
      .command('close-gap')
      .description('waits no longer for what a dead gateway may have seen')
      .argument('<gateway>', 'as "inactivity gaps" names it'),
    closeGap,
  );
}
