import type { inactivity, operations } from '#contracts';
import type { Command } from 'commander';
import { looks } from './declare.ts';
import { endedBy, EXIT, Ended } from './exit.ts';
import { type Installation, services, withInstallation } from './installation.ts';
import { type Form, outputOption, print, type TableRow, seconds } from './output.ts';
import { watching, watchOption } from './watch.ts';

interface Options {
  readonly output: Form;
  readonly service?: string;
  readonly watch?: number;
}

export type ServiceAnswer = { readonly owner: string } & (
  { readonly status: operations.Status } | { readonly failure: Ended }
);

/** A service that hangs is told of, not waited for. */
const LOOK_MS = 5_000;

/** Every service's own word, or why there is none. */
export const statuses = (installation: Installation, name?: string): Promise<ServiceAnswer[]> =>
  Promise.all(
    services(name).map(async (owner) =>
      installation
        .operations(owner)
        .getStatus({}, { ...installation.context(), timeoutMs: LOOK_MS })
        .then(
          (status) => ({ owner, status }),
          (error: unknown) => ({ owner, failure: endedBy(error) }),
        ),
    ),
  );

const worst = (lags: readonly operations.Lag[], kind: string) =>
  lags.filter((lag) => lag.kind === kind).reduce((max, lag) => Math.max(max, lag.behindEvents), 0);

/** Every gateway that decisions wait for, by what inactivity-policy heard of it, or why that cannot be known. */
export async function gateways({ peers, context }: Installation): Promise<readonly inactivity.Gateway[] | Ended> {
  return peers
    .of('inactivity-policy', 'Inactivity')
    .listGateways({}, { ...context(), timeoutMs: LOOK_MS })
    .then(({ gateways: found }) => found, endedBy);
}

/** A gateway's state in a line. */
export const gatewaySays = ({ standing, silentSeconds, kept, restarts }: inactivity.Gateway): string =>
  [
    silentSeconds > 10 ? `not heard for ${seconds(silentSeconds)}: hung, cut off or dead` : '',
    ...(standing
      ? [
          standing.leased ? 'holds its lease' : 'no lease: asks for each key',
          `${standing.keys} keys in memory`,
          `up ${seconds((Date.now() - Date.parse(standing.startedAt)) / 1000)}`,
          `${restarts} restarts today`,
        ]
      : ['does not say how it stands']),
    kept > 0 ? `keeps ${kept} records` : '',
  ]
    .filter((part) => part !== '')
    .join(', ');

const gatewayRow = (gateway: inactivity.Gateway): TableRow => ({
  ...EMPTY,
  service: `gateway ${gateway.standing?.address ?? gateway.instance}`,
  state: gateway.state,
  says: gatewaySays(gateway),
});

/** As JSON a gateway is as a service is, without a log: so who reads rows need not tell them apart. */
const gatewayFields = (gateway: inactivity.Gateway) => ({
  service: 'gateway',
  state: gateway.state === 'ready' ? 'ready' : 'not-ready',
  reasons: gateway.state === 'ready' ? [] : [gatewaySays(gateway)],
  instance: gateway.instance,
  ...gateway.standing,
  outbox: { state: 'none', position: '', behindEvents: 0, behindSeconds: 0 },
  lags: [],
  parked: { failed: 0, gap: 0, waiting: 0, skipped: 0 },
  heardAt: gateway.heardAt,
  silentSeconds: gateway.silentSeconds,
  kept: gateway.kept,
  restarts: gateway.restarts,
});

const EMPTY = {
  service: '',
  state: '',
  events: '',
  outbox: '',
  consumers: '',
  projections: '',
  parked: '',
  frontier: '',
  says: '',
};

const row = (told: ServiceAnswer): TableRow =>
  'failure' in told
    ? { ...EMPTY, service: told.owner, state: 'no answer', says: told.failure.message }
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

/** Gateways answer no operator, so `status` needs a name of its own for them. */
const GATEWAY = 'gateway';
const isWell = (state: unknown) => state === 'ready';

async function status({ output, service, watch }: Options) {
  await withInstallation((installation) =>
    watching(watch, async () => {
      const [told, heard] = await Promise.all([
        service === GATEWAY ? [] : statuses(installation, service),
        service === undefined || service === GATEWAY ? gateways(installation) : [],
      ]);
      const people = output === 'table' || output === 'plain';
      const unheard: ServiceAnswer[] = heard instanceof Ended ? [{ owner: 'inactivity-policy', failure: heard }] : [];
      const rows = [
        ...told.map((each): TableRow =>
          'failure' in each || people ? row(each) : ({ ...each.status } as unknown as TableRow),
        ),
        ...(heard instanceof Ended
          ? [
              {
                ...EMPTY,
                service: GATEWAY,
                state: 'unknown',
                says: 'inactivity-policy, which hears gateways, does not answer',
              },
            ]
          : heard.map((each): TableRow => (people ? gatewayRow(each) : (gatewayFields(each) as unknown as TableRow)))),
      ];
      print(
        rows.toSorted((a, b) => Number(isWell(a.state)) - Number(isWell(b.state))),
        output,
      );
      const silent = [...new Set([...told, ...unheard].flatMap((each) => ('failure' in each ? [each.owner] : [])))];
      if (silent.length > 0)
        throw new Ended(EXIT.away, `${silent.join(', ')} ${silent.length === 1 ? 'does' : 'do'} not answer.`);
      if (rows.some(({ state }) => !isWell(state))) process.exitCode = EXIT.fault;
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
  looks(
    common(program.command('status').description('each service and each gateway in one line')).addOption(watchOption()),
    status,
  );
  looks(
    common(
      program.command('lag').description('how far consumers and read models are behind, in events and seconds'),
    ).addOption(watchOption()),
    lag,
  );
  looks(
    common(
      program
        .command('outbox')
        .description('what the relays have published')
        .command('status')
        .description('each relay in one line'),
    ),
    outbox,
  );
}
