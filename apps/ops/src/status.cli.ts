import type { operations } from '#contracts';
import type { Command } from 'commander';
import { endedBy, EXIT, Ended } from './exit.ts';
import { type Installation, services, withInstallation } from './installation.ts';
import { type Form, outputOption, positive, print, type Row, seconds } from './output.ts';
import { watching } from './watch.ts';

interface Options {
  readonly output: Form;
  readonly service?: string;
  readonly watch?: number;
}

export type Told = { readonly owner: string } & ({ readonly status: operations.Status } | { readonly failure: Ended });

/** Every service's own word, or why there is none. */
export const statuses = (installation: Installation, name?: string): Promise<Told[]> =>
  Promise.all(
    services(name).map(async (owner) =>
      installation
        .operations(owner)
        .getStatus({}, installation.context())
        .then(
          (status) => ({ owner, status }),
          (error: unknown) => ({ owner, failure: endedBy(error) }),
        ),
    ),
  );

const worst = (lags: readonly operations.Lag[], kind: string) =>
  lags.filter((lag) => lag.kind === kind).reduce((max, lag) => Math.max(max, lag.behindEvents), 0);

const row = (told: Told): Row =>
  'failure' in told
    ? {
        service: told.owner,
        state: 'no answer',
        events: '',
        outbox: '',
        consumers: '',
        projections: '',
        parked: '',
        frontier: '',
        says: told.failure.message,
      }
    : {
        service: told.owner,
        state: told.status.state,
        events: told.status.events,
        outbox: `${told.status.outbox?.state ?? 'none'}, ${told.status.outbox?.behindEvents ?? 0} behind`,
        consumers: `${worst(told.status.lags, 'consumer')} behind`,
        projections: `${worst(told.status.lags, 'projection')} behind`,
        parked: (told.status.parked?.failed ?? 0) + (told.status.parked?.gap ?? 0) + (told.status.parked?.waiting ?? 0),
        frontier: seconds(told.status.frontierAgeMs / 1000),
        says: told.status.reasons.join('; '),
      };

async function status({ output, service, watch }: Options) {
  await withInstallation((installation) =>
    watching(watch, async () => {
      const told = await statuses(installation, service);
      print(
        output === 'table' || output === 'plain'
          ? told.map(row)
          : told.map((each): Row => ('failure' in each ? row(each) : ({ ...each.status } as unknown as Row))),
        output,
      );
      const silent = told.filter((each) => 'failure' in each);
      if (silent.length > 0)
        throw new Ended(
          EXIT.away,
          `${silent.map(({ owner }) => owner).join(', ')} ${silent.length === 1 ? 'does' : 'do'} not answer.`,
        );
      if (told.some((each) => 'status' in each && each.status.state !== 'ready')) process.exitCode = EXIT.fault;
    }),
  );
}

async function lag({ output, service, watch }: Options) {
  await withInstallation((installation) =>
    watching(watch, async () => {
      const told = await statuses(installation, service);
      print(
        told.flatMap((each) =>
          'failure' in each
            ? []
            : each.status.lags.map(({ kind, name, of, behindEvents, behindSeconds }) => ({
                service: each.owner,
                kind,
                name,
                of,
                events: behindEvents,
                seconds: behindSeconds === undefined ? 'unknown' : Math.round(behindSeconds * 10) / 10,
              })),
        ),
        output,
      );
      for (const each of told) if ('failure' in each) throw each.failure;
    }),
  );
}

async function outbox({ output, service }: Options) {
  await withInstallation(async (installation) => {
    const told = await statuses(installation, service);
    print(
      told.flatMap((each) =>
        'failure' in each || !each.status.outbox
          ? []
          : [
              {
                service: each.owner,
                relay: each.status.outbox.state,
                published: each.status.outbox.position,
                head: each.status.head,
                events: each.status.outbox.behindEvents,
                seconds: Math.round(each.status.outbox.behindSeconds * 10) / 10,
              },
            ],
      ),
      output,
    );
    for (const each of told) if ('failure' in each) throw each.failure;
    if (told.some((each) => 'status' in each && each.status.outbox?.state === 'failing')) process.exitCode = EXIT.fault;
  });
}

export function statusCommands(program: Command): void {
  const common = (command: Command) => command.addOption(outputOption()).option('--service <name>', 'only this one');
  common(program.command('status').description('each service in one line'))
    .option('--watch [seconds]', 'again and again', (value) => positive(value))
    .action((options: Options) => status(seen(options)));
  common(program.command('lag').description('how far consumers and read models are behind, in events and seconds'))
    .option('--watch [seconds]', 'again and again', (value) => positive(value))
    .action((options: Options) => lag(seen(options)));
  common(
    program
      .command('outbox')
      .description('what the relays have published')
      .command('status')
      .description('each relay in one line'),
  ).action(outbox);
}

/** `--watch` alone looks every two seconds. */
const seen = (options: Options): Options =>
  (options.watch as number | true | undefined) === true ? { ...options, watch: 2 } : options;
