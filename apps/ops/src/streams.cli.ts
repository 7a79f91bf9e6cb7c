import type { Command } from 'commander';
import { looks } from './declare.ts';
import { firstThatKnows, services, withInstallation } from './installation.ts';
import { type Form, outputOption, positive, print, printOne, say } from './output.ts';

interface Options {
  readonly output: Form;
  readonly service?: string;
  readonly asOf?: string;
  readonly at?: number;
}

async function show(streamId: string, { output, service, asOf, at }: Options) {
  await withInstallation(async (installation) => {
    const reading = await firstThatKnows(services(service), (owner) =>
      installation
        .operations(owner)
        .readStream(
          { streamId, ...(at === undefined ? {} : { version: at }), ...(asOf === undefined ? {} : { asOf }) },
          installation.context(),
        ),
    );
    if (output === 'json') {
      console.log(
        JSON.stringify(
          {
            ...reading,
            events: reading.events.map((event) => ({ ...event, data: JSON.parse(event.data) as unknown })),
            state: reading.state === undefined ? null : (JSON.parse(reading.state) as unknown),
          },
          null,
          2,
        ),
      );
      return;
    }
    print(
      reading.events.map(({ version, type, occurredAt, actor, data, personal }) => ({
        version,
        type,
        at: occurredAt,
        by: actor,
        data: personal ? `${data} + sealed` : data,
      })),
      output,
    );
    say(`${reading.streamId} at version ${reading.version}${reading.state === undefined ? '' : `: ${reading.state}`}`);
  });
}

async function why(streamId: string, field: string, { output, service }: Options) {
  await withInstallation(async (installation) => {
    const { value, before, event } = await firstThatKnows(services(service), (owner) =>
      installation.operations(owner).explainField({ streamId, field }, installation.context()),
    );
    printOne(
      {
        field,
        value,
        before: before ?? '',
        since: event?.occurredAt ?? 'the beginning',
        event: event?.type ?? '',
        version: event?.version ?? 0,
        by: event?.actor ?? '',
        correlation: event?.correlationId ?? '',
      },
      output,
    );
  });
}

export function streamCommands(program: Command): void {
  const streams = program.command('streams').description('one stream of events');
  looks(
    streams
      .command('show')
      .description('its events and what they add up to')
      .argument('<stream>', 'such as key-01890a5d-…')
      .option('--as-of <instant>', 'as it was then, such as 2026-01-31T12:00:00Z')
      .option('--at <version>', 'as it was at this version', positive)
      .option('--service <name>', 'whose it is')
      .addOption(outputOption()),
    show,
  );
  looks(
    streams
      .command('why')
      .description('which event made a field what it is')
      .argument('<stream>')
      .argument('<field>', 'such as status')
      .option('--service <name>', 'whose it is')
      .addOption(outputOption()),
    why,
  );
}
