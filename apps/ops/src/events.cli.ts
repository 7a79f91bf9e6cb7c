import type { GrpcOwner, operations } from '#contracts';
import { type Command, InvalidArgumentError } from 'commander';
import { changes, type Decision, looks } from './declare.ts';
import { EVENT_TYPES } from './event-types.ts';
import { EXIT } from './exit.ts';
import { type Installation, services, withInstallation } from './installation.ts';
import { type Form, outputOption, positive, print, say } from './output.ts';

interface Options {
  readonly output: Form;
  readonly service?: string;
  readonly type: readonly string[];
  readonly account?: string;
  readonly since?: string;
  readonly follow?: boolean;
  readonly limit: number;
}

const shown = ({
  service,
  position,
  occurredAt,
  type,
  streamId,
  version,
  actor,
  data,
  personal,
}: operations.Event) => ({
  at: occurredAt,
  service,
  position,
  type,
  stream: streamId,
  version,
  by: actor,
  data: personal ? `${data} + sealed` : data,
});

async function tail({ output, service, type, account, since, follow = false, limit }: Options) {
  await withInstallation(async (installation) => {
    const request = {
      types: [...type],
      follow,
      limit,
      ...(account === undefined ? {} : { accountId: account }),
      ...(since === undefined ? {} : { since }),
    };
    const owners = services(service);
    if (follow)
      process.once('SIGINT', () => {
        process.exit(EXIT.ok);
      });
    if (follow) {
      await Promise.all(owners.map((owner) => following(installation, owner, request, output)));
      return;
    }
    const all = (
      await Promise.all(
        owners.map((owner) =>
          Array.fromAsync(installation.operations(owner).tailEvents(request, installation.context())),
        ),
      )
    ).flat();
    const inOrder = all.sort((a, b) => a.recordedAt.localeCompare(b.recordedAt));
    print((since === undefined ? inOrder.slice(-limit) : inOrder.slice(0, limit)).map(shown), output);
  });
}

interface Range {
  readonly service: string;
  readonly from: string;
  readonly to: string;
  readonly toConsumer: string;
}

async function replay(decision: Decision, { service, from, to, toConsumer }: Range) {
  await withInstallation(async (installation) => {
    for (const owner of services(service))
      for await (const { says } of installation
        .operations(owner)
        .replayEvents({ from, to, toConsumer, ...decision }, installation.context()))
        say(`${says}.`);
  });
}

async function republish(decision: Decision, topic: string) {
  await withInstallation(async (installation) => {
    for (const owner of services(topic.split('.')[0]))
      for await (const { says } of installation
        .operations(owner)
        .republishTopic({ topic, ...decision }, installation.context()))
        say(`${says}.`);
  });
}

async function following(
  installation: Installation,
  owner: GrpcOwner,
  request: operations.TailEventsRequest,
  output: Form,
) {
  for await (const event of installation.operations(owner).tailEvents(request, installation.context())) {
    // A table would need to know all rows before the first.
    print([shown(event)], output === 'table' ? 'plain' : output === 'json' ? 'jsonl' : output);
  }
}

export function eventCommands(program: Command): void {
  const events = program.command('events').description('the logs of all services');
  looks(
    events
      .command('tail')
      .description('their last events, or those since an instant; masked, personal data sealed')
      .option('--type <name>', 'only this event; may be repeated', types, [])
      .option('--account <id>', 'only what concerns this account')
      .option('--since <instant>', 'from then on, such as 2026-01-31T12:00:00Z')
      .option('--follow', 'and what comes, until Ctrl-C')
      .option('--limit <count>', 'at most so many', positive, 20)
      .option('--service <name>', 'only this log')
      .addOption(outputOption()),
    tail,
  );
  changes(
    events
      .command('replay')
      .description("sends the facts of a range once more, to one consumer's scratch topic and never to the live one")
      .requiredOption('--service <name>', 'whose log')
      .requiredOption('--from <position>', 'of the first event, such as 1.885.1')
      .requiredOption('--to <position>', 'of the last')
      .requiredOption('--to-consumer <group>', 'who reads it'),
    replay,
  );
  changes(
    events
      .command('republish')
      .description('publishes a topic again from the log, after the bus has lost it')
      .argument('<topic>', 'such as identity.accounts'),
    republish,
  );
}

/** One more type. A name that no event has would find nothing, and look as if nothing had happened. */
function types(name: string, before: readonly string[]): string[] {
  if (!EVENT_TYPES.includes(name))
    throw new InvalidArgumentError(`No event is called ${name}. There are: ${EVENT_TYPES.join(', ')}.`);
  return [...before, name];
}
