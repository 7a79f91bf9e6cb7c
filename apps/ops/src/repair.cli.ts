import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { GrpcOwner } from '#contracts';
import type { Command } from 'commander';
import { type Env, readEnvFile, valuesOf } from './config.cli.ts';
import { looks } from './declare.ts';
import { EXIT, Ended } from './exit.ts';
import { say } from './output.ts';
import { OWNERS } from './services.ts';

/** How long one more of a service takes to begin, at most. */
const START_MAX_MS = 60_000;

/** Runs a command against one more process of a service, which alone knows its database as the owner and ends with the command. */
async function repair(service: string, words: readonly string[], { envFile }: { readonly envFile?: string }) {
  const owner = OWNERS.find((name) => name === service);
  if (!owner) throw new Ended(EXIT.usage, `There is no service "${service}". Services: ${OWNERS.join(', ')}.`);
  const { freePort } = await import('#local-servers');
  const address = `127.0.0.1:${await freePort()}`;
  const env = ofOneMore(owner, envFile === undefined ? process.env : readEnvFile(envFile), address);
  const child = spawn(process.execPath, [fileURLToPath(new URL(`../../${owner}/src/main.js`, import.meta.url))], {
    env: { ...env, PATH: process.env.PATH, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  try {
    say(`One more ${owner} starts, as the owner of its database …`);
    await begun(child, owner);
    process.exitCode = await rollcall(words, { ...env, PEERS: withPeer(env.PEERS, owner, address) });
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

/** The environment of one more process of a service: the settings of the others, and its database as the owner. @throws Ended */
export function ofOneMore(owner: GrpcOwner, values: Env, address: string): Env {
  const settings = valuesOf(owner, values);
  if (values.OWNER_DATABASE_URL === undefined || settings.DATABASE_URL === undefined)
    throw new Ended(
      EXIT.config,
      'OWNER_DATABASE_URL and the address of the database of the service are needed: run this where .env is ("docker-compose run --rm repair …"), or name it with --env-file.',
    );
  const database = Object.assign(new URL(values.OWNER_DATABASE_URL), {
    pathname: new URL(settings.DATABASE_URL).pathname,
  });
  return { ...settings, OWNER_DATABASE_URL: database.href, GRPC_ADDRESS: address, METRICS_PORT: '' };
}

async function begun(child: ChildProcess, owner: string) {
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort();
  }, START_MAX_MS);
  const { signal } = late;
  const ready = await Promise.race([
    once(child, 'message', { signal }).then(() => true),
    once(child, 'exit', { signal }).then(() => false),
  ]).catch(() => false);
  clearTimeout(timer);
  if (!ready) throw new Ended(EXIT.away, `${owner} did not start: its words stand above.`);
}

/** The same command line with other words. Answers how it ended. */
async function rollcall(words: readonly string[], env: Env): Promise<number> {
  const command = spawn(process.execPath, [fileURLToPath(new URL('./main.js', import.meta.url)), ...words], {
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  const [code] = (await once(command, 'exit')) as [number | null];
  return code ?? EXIT.fault;
}

function withPeer(peers: string | undefined, owner: GrpcOwner, address: string): string {
  return JSON.stringify({ ...(JSON.parse(peers ?? '{}') as Record<string, string>), [owner]: address });
}

export function repairCommands(program: Command): void {
  looks(
    program
      .command('repair')
      .description(
        'runs a command against one more process of a service that knows its database as the owner: where services do not, as in containers',
      )
      .argument('<service>', 'whose read model or log it is')
      .argument('<command...>', 'what is to be done, behind --')
      .option('--env-file <path>', 'the values are in this file, such as .env; else in the environment'),
    repair,
  );
}
