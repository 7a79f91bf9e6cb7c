import type { GrpcOwner, operations } from '#contracts';
import type { Command } from 'commander';
import { changes, type Decision, looks } from './declare.ts';
import { endedBy, EXIT, Ended } from './exit.ts';
import { type Installation, services, withInstallation } from './installation.ts';
import { type Form, outputOption, positive, print, say } from './output.ts';
import { ProgressBar } from './progress.ts';
import { watching, watchOption } from './watch.ts';

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

const asked = ({ peers, context }: Installation, service?: string) =>
  services(service).map(async (owner) =>
    (await peers.of(owner, 'Projections').listProjections({}, context())).items.map((item) => ({
      service: owner,
      item,
    })),
  );
const all = async (installation: Installation, service?: string) =>
  (await Promise.all(asked(installation, service))).flat();

/** The service that has a read model. Others are not waited for: what is repaired is often not alone in its trouble. */
async function ownerOf(installation: Installation, name: string, service?: string): Promise<GrpcOwner> {
  const answers = asked(installation, service);
  const found = await Promise.any(
    answers.map(async (answer) => {
      const has = (await answer).find(({ item }) => item.name === name);
      if (!has) throw new Error('it is of another');
      return has.service;
    }),
  ).catch(() => undefined);
  if (found) return found;
  const known = (await Promise.all(answers)).flat();
  throw new Ended(
    EXIT.notFound,
    `No read model is called ${name}. There are: ${[...new Set(known.map(({ item }) => item.name))].join(', ')}.`,
  );
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

async function drop(decision: Decision, name: string, n: number, { service }: Options) {
  await withInstallation(async (installation) => {
    await projectionsOf(installation, await ownerOf(installation, name, service)).dropBuild(
      { name, n, ...decision },
      installation.context(),
    );
    say(`Build ${n} of ${name} ${decision.apply ? 'is gone' : 'would be dropped, with its tables'}.`);
  });
}

export function projectionCommands(program: Command): void {
  const projections = program
    .command('projections')
    .description('read models: made again beside the live ones, while everything runs');
  const common = (command: Command) => command.option('--service <name>', 'whose it is');
  const one = (name: string, description: string) =>
    common(projections.command(name).description(description).argument('<name>').addOption(outputOption()));
  const even = (command: Command) =>
    command.option('--even-if-different', 'also when its rows differ from the live one');
  looks(
    common(projections.command('list').description('all of them and their builds'))
      .addOption(watchOption())
      .addOption(outputOption()),
    list,
  );
  changes(
    even(one('rebuild', 'builds it from the log, compares, and swaps').option('--shadow', 'stops before the swap')),
    (decision, name: string, options: Options) =>
      work('rebuild', name, options, (peer, context) =>
        peer.rebuildProjection({ ...swapOf(name, options, decision), shadow: options.shadow ?? false }, context),
      ),
  );
  changes(
    even(one('promote', 'makes the build that is ready the live one')),
    (decision, name: string, options: Options) =>
      work('promote', name, options, (peer, context) =>
        peer.promoteProjection(swapOf(name, options, decision), context),
      ),
  );
  changes(even(one('rollback', 'makes the build before live again')), (decision, name: string, options: Options) =>
    work('rollback', name, options, (peer, context) =>
      peer.rollbackProjection(swapOf(name, options, decision), context),
    ),
  );
  looks(one('verify', 'compares it with a fresh build, which is thrown away'), (name: string, options: Options) =>
    work('verify', name, options, (peer, context) => peer.verifyProjection({ name }, context)),
  );
  changes(
    common(
      projections
        .command('drop')
        .description('drops a build that is not live')
        .argument('<name>')
        .argument('<build>', 'its number', positive),
    ),
    drop,
  );
}

const swapOf = (
  name: string,
  { evenIfDifferent = false }: Options,
  decision: Decision,
): operations.SwapProjectionRequest => ({ name, evenIfDifferent, ...decision });
