import type { Command } from 'commander';
import { EXIT, Ended } from './exit.ts';
import { services, withInstallation } from './installation.ts';
import { type Form, outputOption, print, say } from './output.ts';

interface Options { readonly output: Form; readonly service?: string; readonly skipped?: boolean; readonly reason?: string }

async function list({ output, service, skipped = false }: Options, streamId?: string) {
  await withInstallation(async (installation) => {
    const all = (await Promise.all(services(service).map((owner) => installation.operations(owner).listParked({ skipped, ...(streamId === undefined ? {} : { streamId }) }, installation.context())))).flatMap(({ items }) => items);
    if (streamId !== undefined && all.length === 0) throw new Ended(EXIT.notFound, `Nothing of ${streamId} is parked.`);
    print(all.map(({ consumer, streamId: stream, version, state, type, parkedAt, tries, error, skipReason, data, raw }) =>
      ({ consumer, stream, version, state, type, since: parkedAt, tries, error, ...(skipped ? { reason: skipReason } : {}), ...(streamId === undefined ? {} : { data, ...(raw === undefined ? {} : { raw: output === 'table' || output === 'plain' ? '-o json has the bytes' : raw }) }) })), output);
  });
}

async function change(what: 'retryParked' | 'skipParked', streamId: string, { service, reason = '' }: Options) {
  await withInstallation(async (installation) => {
    const changed = (await Promise.all(services(service).map((owner) => installation.operations(owner)[what]({ streamId, reason }, installation.context())))).filter((answer) => answer.changed).length;
    if (changed === 0) throw new Ended(EXIT.notFound, `Nothing of ${streamId} is parked.`);
    say(what === 'retryParked' ? `${streamId} is tried again within a second.` : `${streamId} goes on without the message that held it up; it stays in the list with --skipped.`);
  });
}

export function parkedCommands(program: Command): void {
  const parked = program.command('parked').description('facts that could not be applied, and what waits behind them');
  const common = (command: Command) => command.option('--service <name>', 'only this consumer');
  common(parked.command('list').description('all of them')).option('--skipped', 'also those that were left out').addOption(outputOption()).action((options: Options) => list(options));
  common(parked.command('show').description('those of one stream, with what they say').argument('<stream>')).option('--skipped', 'also those that were left out').addOption(outputOption()).action((stream: string, options: Options) => list(options, stream));
  common(parked.command('retry').description('tries a stream again, in order').argument('<stream>')).action((stream: string, options: Options) => change('retryParked', stream, options));
  common(parked.command('skip').description('goes on without the message that holds a stream up').argument('<stream>')).requiredOption('--reason <why>', 'kept as evidence').action((stream: string, options: Options) => change('skipParked', stream, options));
}
