import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import type { ServiceName } from '#contracts';
import type { Command } from 'commander';
import { looks } from './declare.ts';
import { EXIT, Ended } from './exit.ts';
import { type Form, outputOption, print, say } from './output.ts';
import { prefixOf, SERVICES } from './services.ts';
import { misspelt } from './setting-names.ts';

interface Options {
  readonly service?: string;
  readonly envFile?: string;
  readonly output: Form;
}
/** Names to values, as in an environment. */
export type Env = Readonly<Record<string, string | undefined>>;
interface Checked {
  readonly service: string;
  readonly code: number | null;
  readonly said: readonly string[];
  /** The names that it has looked for. */
  readonly read: readonly string[];
}

/** The step that makes the databases reads the same file, so its settings are checked, too. */
const PROVISION = 'provision';

/** A service's own values, such as IDENTITY_DATABASE_URL, under the names that it reads: as docker-compose.yml hands them over. */
export function valuesOf(service: string, values: Env): Env {
  const own = SERVICES.find((name) => name === service);
  if (own === undefined) return values;
  const prefix = `${prefixOf(own)}_`;
  const ours = Object.entries(values)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), value] as const);
  return { ...values, OWNER_DATABASE_URL: undefined, ...Object.fromEntries(ours) };
}

/** Starts the service's own program, which reads its configuration and ends. */
function check(service: string, env: Env): Promise<Checked> {
  const program = fileURLToPath(
    new URL(
      service === PROVISION ? '../../rollcall/src/main-provision.js' : `../../${service}/src/main.js`,
      import.meta.url,
    ),
  );
  const child = spawn(process.execPath, [program, '--check-config'], {
    env: { ...env, PATH: process.env.PATH, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [said, read] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => {
    read += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  return new Promise((done) =>
    child.once('close', (code) => {
      done({ service, code, said: said.split('\n').filter((line) => line !== ''), read: namesIn(read) });
    }),
  );
}

function namesIn(line: string): readonly string[] {
  try {
    return JSON.parse(line) as string[];
  } catch {
    return [];
  }
}

/** @throws Ended */
export function readEnvFile(file: string): Env {
  try {
    if ((statSync(file).mode & 0o077) !== 0) say(`${file} can be read by others: chmod 600 ${file}`);
    return parseEnv(readFileSync(file, 'utf8'));
  } catch {
    throw new Ended(EXIT.config, `${file} cannot be read. "rollcall init" makes one; --env-file names another.`);
  }
}

function named(service: string): ServiceName {
  const found = SERVICES.find((name) => name === service);
  if (!found) throw new Ended(EXIT.usage, `There is no service "${service}". Services: ${SERVICES.join(', ')}.`);
  return found;
}

async function checkAll({ service, envFile, output }: Options) {
  const wanted: readonly string[] =
    service === undefined ? [...SERVICES, ...(envFile === undefined ? [] : [PROVISION])] : [named(service)];
  const values = envFile === undefined ? process.env : readEnvFile(envFile);
  // All are asked, as what one does not know another may.
  const all = await Promise.all(
    [...SERVICES, PROVISION].map((name) => check(name, envFile === undefined ? values : valuesOf(name, values))),
  );
  const checked = all.filter(({ service: name }) => wanted.includes(name));
  const unread = misspelt(
    Object.keys(values),
    all.flatMap(({ read }) => read),
  );
  print(
    [
      ...unread.map(({ name, meant }) => ({
        service: 'none',
        fault: `${name}: no setting has this name${meant === undefined ? '' : `. Did you mean ${meant}?`}`,
      })),
      ...checked.flatMap(({ service: name, code, said }) =>
        code === 0
          ? [{ service: name, fault: 'none' }]
          : said.map((line) => ({ service: name, fault: line.replace(`${name}: `, '') })),
      ),
    ],
    output,
  );
  const broken = checked.find(({ code }) => code !== 0 && code !== EXIT.config);
  if (broken)
    throw new Ended(EXIT.fault, `${broken.service} could not be asked. Build the project first: npm run build`);
  const faulty = checked.filter(({ code }) => code !== 0);
  if (faulty.length > 0)
    throw new Ended(
      EXIT.config,
      `${faulty.map(({ service: name }) => name).join(', ')} would not start with this configuration.`,
    );
  if (unread.length > 0)
    throw new Ended(
      EXIT.config,
      `${unread.map(({ name }) => name).join(', ')}: nobody reads this. Mend the name or leave it out.`,
    );
}

export function configCommands(program: Command): void {
  looks(
    program
      .command('config')
      .description('what the services are told')
      .command('check')
      .description(
        'reads it as each service would, without starting any: all faults at once, each with its mend, no values',
      )
      .option('--service <name>', 'only this one')
      .option('--env-file <path>', 'the values are in this file, such as .env; else in the environment')
      .addOption(outputOption()),
    checkAll,
  );
}
