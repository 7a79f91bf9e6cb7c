import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { z } from 'zod';
import { acts } from './declare.ts';
import type { EnvLine } from './env-file.ts';
import { EXIT, Ended } from './exit.ts';
import { operatorName } from './operators.cli.ts';
import { writeOperatorKey, writeOperators } from './operators-file.ts';
import { say } from './output.ts';

interface Options {
  readonly folder: string;
  readonly origin?: string;
  readonly port: string;
  readonly smtpUrl?: string;
  readonly mailFrom?: string;
  readonly operator: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

/** Signs that docker-compose or a shell would take for something else. */
const READABLE = /^[^\n#$"'`]*$/;

/** A setting by its schema, for the command line. @throws Ended */
function setting<T>(option: string, schema: z.ZodType<T>, text: string): T {
  const { success, data, error } = schema.safeParse(text);
  if (!success)
    throw new Ended(EXIT.usage, `--${option} ${error.issues.map(({ message }) => message).join(', and ')}.`);
  return data;
}

/** What was asked for, judged as the services will judge it. @throws Ended */
async function wishes(options: Options) {
  const { isLoopback, mailFrom, origin, port, smtpUrl } = await import('#platform');
  const published = setting('port', port(8080), options.port);
  const at =
    options.origin === undefined
      ? `http://localhost${published === 80 ? '' : `:${published}`}`
      : setting('origin', origin(), options.origin);
  const { hostname } = new URL(at);
  const mail =
    options.smtpUrl === undefined
      ? undefined
      : setting(
          'smtp-url',
          smtpUrl().regex(READABLE, 'must have signs such as # and $ as %23 and %24'),
          options.smtpUrl,
        );
  const from = options.mailFrom ?? `Rollcall <no-reply@${hostname}>`;
  if (mail === undefined && !isLoopback(hostname))
    throw new Ended(EXIT.usage, `Mail for ${at} must go somewhere: add --smtp-url smtp://user:password@host:587`);
  return {
    origin: at,
    port: published,
    smtpUrl: mail,
    mailFrom: setting('mail-from', mailFrom().regex(READABLE, 'must be without # and $ and quotes'), from),
  };
}

async function init(options: Options) {
  const wished = await wishes(options);
  const { newInstallation } = await import('./env-file.ts');
  const files = {
    env: join(options.folder, '.env'),
    key: join(options.folder, 'operator.json'),
    operators: join(options.folder, 'operators', 'operators.json'),
  };
  const there = Object.values(files).filter((file) => existsSync(file));
  const lines = newInstallation(wished);
  if (options.dryRun) {
    plan(Object.values(files), lines, there);
    return;
  }
  if (there.length > 0 && !options.force)
    throw new Ended(
      EXIT.refused,
      `${there.join(', ')}: there already. An installation that loses its secrets loses its data; --force keeps the old files beside the new ones.`,
    );
  for (const file of there) setAside(file);
  await write(files, lines, options.operator);
  next(files, wished.origin);
}

/** Secrets are named, never shown. */
function plan(files: readonly string[], lines: readonly EnvLine[], there: readonly string[]) {
  say(
    `Nothing is written. These files would be: ${files.join(', ')}${there.length > 0 ? `. There already: ${there.join(', ')}` : ''}`,
  );
  for (const line of lines)
    if ('name' in line)
      console.log(line.secret ? `${line.name} (a secret)` : `${line.name}=${line.value.replaceAll('\n', '\\n')}`);
}

function setAside(file: string) {
  const aside = `${file}.${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
  renameSync(file, aside);
  say(`${file} is now ${aside}`);
}

async function write(
  files: { env: string; key: string; operators: string },
  lines: readonly EnvLine[],
  operator: string,
) {
  const [{ makeKeyPair }, { envFile }] = await Promise.all([import('#local-servers'), import('./env-file.ts')]);
  const { privateKey, publicKey } = makeKeyPair();
  mkdirSync(join(files.operators, '..'), { recursive: true, mode: 0o755 });
  // Public keys alone: the services run as another user and must be able to read them.
  writeOperators(files.operators, { [operator]: publicKey });
  writeOperatorKey(files.key, operator, privateKey);
  writeFileSync(
    files.env,
    `# Made by "rollcall init". It holds secrets: keep a copy where only you can read it.\n\n${envFile(lines)}`,
    { mode: 0o600, flag: 'wx', flush: true },
  );
}

function next(files: { env: string; key: string; operators: string }, at: string) {
  say(`Written: ${files.env} (secrets), ${files.key} (your key as operator), ${files.operators} (who may operate).
Next: docker-compose up --detach --build
Then: ${at}`);
}

export function initCommands(program: Command): void {
  acts(
    program
      .command('init')
      .description(
        'makes the values and secrets of a new installation in containers: .env, and your key as its first operator',
      )
      .option('--origin <url>', 'where people meet it; else this machine')
      .option('--port <number>', 'of 127.0.0.1, where the gateway is published', '8080')
      .option('--smtp-url <url>', 'where mail goes; else a catcher keeps it, for development')
      .option('--mail-from <sender>', 'of all mails')
      .option('--operator <name>', 'your name as operator', operatorName, userInfo().username)
      .option('--folder <path>', 'where the files go', '.')
      .option('--dry-run', 'shows what would be written, without the secrets')
      .option('--force', 'also when files are there, which are kept aside'),
    init,
  );
}
