import type { GrpcOwner, operations } from '#contracts';
import type { Command } from 'commander';
import { endedBy, EXIT, Ended } from './exit.ts';
import { type Installation, services, withInstallation } from './installation.ts';
import { type Form, outputOption, positive, print, say } from './output.ts';
import { ProgressBar } from './progress.ts';
import { watching } from './watch.ts';

interface Options {
  readonly output: Form;
  readonly service?: string;
  readonly watch?: number;
  readonly shadow?: boolean;
  readonly evenIfDifferent?: boolean;
}

const list = (options: Options) =>
  withInstallation((installation) =>
    watching(options.watch, async () => {
      print(
        (await all(installation, options.service)).map(
          ({ service, item: { name, n, state, phase, done, total, rate, tables, who, updatedAt, problem } }) => ({
            service,
            name,
            build: n,
            state,
            phase: state === 'building' ? phase : '',
            done: total === 0 ? '' : `${done} of ${Math.max(total, done)}`,
            rate: rate === 0 ? '' : `${rate}/s`,
            tables: tables.join(' '),
            by: who,
            updated: updatedAt,
            problem,
          }),
        ),
        options.output,
      );
    }),
  );

const all = async ({ peers, context }: Installation, service?: string) =>
  (
    await Promise.all(
      services(service).map(async (owner) =>
        (await peers.of(owner, 'Projections').listProjections({}, context())).items.map((item) => ({
          service: owner,
          item,
        })),
      ),
    )
  ).flat();

/** The service that has a read model. */
async function ownerOf(installation: Installation, name: string, service?: string): Promise<GrpcOwner> {
  const known = await all(installation, service);
  const found = known.find(({ item }) => item.name === name);
  if (!found)
    throw new Ended(
      EXIT.notFound,
      `No read model is called ${name}. There are: ${[...new Set(known.map(({ item }) => item.name))].join(', ')}.`,
    );
  return found.service;
}

type Ask = (
  peer: ReturnType<typeof projectionsOf>,
  context: ReturnType<Installation['context']>,
) => AsyncIterable<operations.Progress>;
const projectionsOf = (installation: Installation, owner: GrpcOwner) => installation.peers.of(owner, 'Projections');

/** Shows how far it is, and says what came out. Ctrl-C stops it at a safe place. */
async function work(what: string, name: string, { service, output }: Options, ask: Ask) {
  await withInstallation(async (installation) => {
    const owner = await ownerOf(installation, name, service);
    const bar = new ProgressBar(`${what} ${name}`);
    let interrupted = false;
    process.once('SIGINT', () => {
      interrupted = true;
      installation.close();
    });
    try {
      for await (const step of ask(projectionsOf(installation, owner), installation.context())) {
        if (step.phase === 'finished') finished(name, step, output);
        else bar.show(step);
      }
    } catch (error) {
      if (interrupted)
        throw new Ended(EXIT.interrupted, `Stopped at a safe place. The same command goes on from there.`);
      throw partial(error, what);
    } finally {
      bar.end();
    }
  });
}

/** A service that went away in the middle: what was done is kept. */
function partial(error: unknown, what: string): Ended {
  const ended = endedBy(error);
  if (ended.code !== EXIT.away)
    return ended.message.includes('differs from the live one') ? new Ended(EXIT.drift, ended.message) : ended;
  return new Ended(
    EXIT.partial,
    `The service went away in the middle. Nothing live was touched; run "rollcall projections ${what}" again, it goes on from there.`,
  );
}

function finished(
  name: string,
  { says, n, done, rate, checksums, differing, pauseMs }: operations.Progress,
  output: Form,
) {
  print(
    checksums.map((line) => {
      const [table = '', rows = '', checksum = ''] = line.split(' ');
      return { name, build: n, table, rows: Number(rows), checksum, pauseMs };
    }),
    output,
  );
  say(`${name}: ${says}${rate > 0 ? ` (${done} events, ${rate}/s)` : ''}.`);
  for (const line of differing) say(`  ${line}`);
  if (differing.length > 0)
    throw new Ended(EXIT.drift, `${name} has drifted. "rollcall projections rebuild ${name}" makes it anew.`);
}

async function drop(name: string, n: number, { service }: Options) {
  await withInstallation(async (installation) => {
    await projectionsOf(installation, await ownerOf(installation, name, service)).dropBuild(
      { name, n },
      installation.context(),
    );
    say(`Build ${n} of ${name} is gone.`);
  });
}

export function projectionCommands(program: Command): void {
  const projections = program
    .command('projections')
    .description('read models: made again beside the live ones, while everything runs');
  const common = (command: Command) => command.option('--service <name>', 'whose it is');
  const even = (command: Command) =>
    command.option('--even-if-different', 'also when its rows differ from the live one');
  common(projections.command('list').description('all of them and their builds'))
    .option('--watch [seconds]', 'again and again', (value) => positive(value))
    .addOption(outputOption())
    .action((options: Options) =>
      list((options.watch as number | true | undefined) === true ? { ...options, watch: 2 } : options),
    );
  even(
    common(
      projections
        .command('rebuild')
        .description('builds it from the log, compares, and swaps')
        .argument('<name>')
        .option('--shadow', 'stops before the swap')
        .addOption(outputOption()),
    ),
  ).action((name: string, options: Options) =>
    work('rebuild', name, options, (peer, context) =>
      peer.rebuildProjection(
        { name, shadow: options.shadow ?? false, evenIfDifferent: options.evenIfDifferent ?? false },
        context,
      ),
    ),
  );
  even(
    common(
      projections
        .command('promote')
        .description('makes the build that is ready the live one')
        .argument('<name>')
        .addOption(outputOption()),
    ),
  ).action((name: string, options: Options) =>
    work('promote', name, options, (peer, context) =>
      peer.promoteProjection({ name, evenIfDifferent: options.evenIfDifferent ?? false }, context),
    ),
  );
  even(
    common(
      projections
        .command('rollback')
        .description('makes the build before live again')
        .argument('<name>')
        .addOption(outputOption()),
    ),
  ).action((name: string, options: Options) =>
    work('rollback', name, options, (peer, context) =>
      peer.rollbackProjection({ name, evenIfDifferent: options.evenIfDifferent ?? false }, context),
    ),
  );
  common(
    projections
      .command('verify')
      .description('compares it with a fresh build, which is thrown away')
      .argument('<name>')
      .addOption(outputOption()),
  ).action((name: string, options: Options) =>
    work('verify', name, options, (peer, context) => peer.verifyProjection({ name }, context)),
  );
  common(
    projections
      .command('drop')
      .description('drops a build that is not live')
      .argument('<name>')
      .argument('<build>', 'its number', positive),
  ).action(drop);
}
