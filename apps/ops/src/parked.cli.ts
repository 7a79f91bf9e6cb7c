import type { GrpcOwner } from '#contracts';
import type { Command } from 'commander';
import { changes, type Decision, looks } from './declare.ts';
import { EXIT, Ended } from './exit.ts';
import { type Installation, services, withInstallation } from './installation.ts';
import { type Form, outputOption, print, say } from './output.ts';
import { statuses } from './status.cli.ts';

interface Options {
  readonly output: Form;
  readonly service?: string;
  readonly skipped?: boolean;
}

async function list({ output, service, skipped = false }: Options, streamId?: string) {
  await withInstallation(async (installation) => {
    const all = (
      await Promise.all(
        services(service).map((owner) =>
          installation
            .operations(owner)
            .listParked({ skipped, ...(streamId === undefined ? {} : { streamId }) }, installation.context()),
        ),
      )
    ).flatMap(({ items }) => items);
    if (streamId !== undefined && all.length === 0) throw new Ended(EXIT.notFound, `Nothing of ${streamId} is parked.`);
    print(
      all.map(
        ({ consumer, streamId: stream, version, state, type, parkedAt, tries, error, skipReason, data, raw }) => ({
          consumer,
          stream,
          version,
          state,
          type,
          since: parkedAt,
          tries,
          error,
          ...(skipped ? { reason: skipReason } : {}),
          ...(streamId === undefined
            ? {}
            : {
                data,
                ...(raw === undefined
                  ? {}
                  : { raw: output === 'table' || output === 'plain' ? '-o json has the bytes' : raw }),
              }),
        }),
      ),
      output,
    );
  });
}

async function change(what: 'retryParked' | 'skipParked', decision: Decision, streamId: string, service?: string) {
  await withInstallation(async (installation) => {
    const owners = services(service);
    const [first] = (
      await Promise.all(
        owners.map((owner) =>
          installation.operations(owner).listParked({ streamId, skipped: false }, installation.context()),
        ),
      )
    ).flatMap(({ items }) => items);
    const answers = await Promise.all(
      owners.map(async (owner) => ({
        owner,
        ...(await installation.operations(owner)[what]({ streamId, ...decision }, installation.context())),
      })),
    );
    const changed = answers.filter((answer) => answer.changed).map(({ owner }) => owner);
    if (changed.length === 0) throw new Ended(EXIT.notFound, `Nothing of ${streamId} is parked.`);
    const of = `${streamId} in ${changed.join(', ')}`;
    say(
      what === 'retryParked'
        ? `${of} ${decision.apply ? 'is' : 'would be'} tried again within a second.`
        : `${of} ${decision.apply ? 'goes' : 'would go'} on without the message that held it up; it stays in the list with --skipped.`,
    );
    const coming =
      first && decision.apply && what === 'skipParked'
        ? await behindIn(
            installation,
            owners.filter((owner) => !changed.includes(owner)),
            first.topic,
          )
        : [];
    if (coming.length > 0)
      say(
        `${coming.join(', ')} ${coming.length === 1 ? 'has' : 'have'} not read ${first?.topic} to its end yet: what is parked there later is not left out by this. Look at "rollcall parked show ${streamId}" and say it again.`,
      );
  });
}

/** Consumers of a topic that have something of it before them. */
async function behindIn(installation: Installation, owners: readonly GrpcOwner[], topic: string): Promise<string[]> {
  const told = await Promise.all(owners.map((owner) => statuses(installation, owner)));
  return told
    .flat()
    .flatMap((each) =>
      'status' in each &&
      each.status.lags.some(
        ({ kind, of, behindEvents }) => kind === 'consumer' && of.startsWith(`${topic}/`) && behindEvents > 0,
      )
        ? [each.owner]
        : [],
    );
}

export function parkedCommands(program: Command): void {
  const parked = program.command('parked').description('facts that could not be applied, and what waits behind them');
  const common = (command: Command) => command.option('--service <name>', 'only this consumer');
  looks(
    common(parked.command('list').description('all of them'))
      .option('--skipped', 'also those that were left out')
      .addOption(outputOption()),
    (options: Options) => list(options),
  );
  looks(
    common(parked.command('show').description('those of one stream, with what they say').argument('<stream>'))
      .option('--skipped', 'also those that were left out')
      .addOption(outputOption()),
    (stream: string, options: Options) => list(options, stream),
  );
  changes(
    common(parked.command('retry').description('tries a stream again, in order').argument('<stream>')),
    (decision, stream: string, { service }: Options) => change('retryParked', decision, stream, service),
  );
  changes(
    common(
      parked.command('skip').description('goes on without the message that holds a stream up').argument('<stream>'),
    ),
    (decision, stream: string, { service }: Options) => change('skipParked', decision, stream, service),
  );
}
