import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { makeKeyPair } from '#local-servers';
import { type Command, InvalidArgumentError } from 'commander';
import { envFile, type Line, newInstallation } from './env-file.ts';
import { EXIT, Ended } from './exit.ts';
import { operatorName } from './operators.cli.ts';
import { writeOperatorKey, writeOperators } from './operators-file.ts';
import { say } from './output.ts';

interface Options {
  readonly folder: string;
  readonly origin?: string;
  readonly port: number;
  readonly smtpUrl?: string;
  readonly mailFrom?: string;
  readonly operator: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

function originOf(text: string): string {
  if (!URL.canParse(text) || new URL(text).origin !== text || !/^https?:/.test(text))
    throw new InvalidArgumentError('It must be scheme, host and port alone, such as https://id.example.com.');
  if (text.startsWith('http:') && !LOOPBACK.includes(new URL(text).hostname))
    throw new InvalidArgumentError('Plain http is for this machine alone; use https.');
  return text;
}

function smtpUrl(text: string): string {
  if (!/^smtps?:\/\/[^\s#$"'`]+$/.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError(
      'It must look like smtp://user:password@host:587, with signs such as # and $ as %23 and %24.',
    );
  return text;
}

function mailFrom(text: string): string {
  if (!/^[^\n#$"'`]*@[^\n#$"'`]+$/.test(text))
    throw new InvalidArgumentError('It must look like: Rollcall <no-reply@example.com>');
  return text;
}

function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 65_535)
    throw new InvalidArgumentError('It must be a number from 1 to 65535.');
  return number;
}

function init(options: Options) {
  const origin = options.origin ?? `http://localhost${options.port === 80 ? '' : `:${options.port}`}`;
  const { hostname } = new URL(origin);
  if (options.smtpUrl === undefined && !LOOPBACK.includes(hostname))
    throw new Ended(EXIT.usage, `Mail for ${origin} must go somewhere: add --smtp-url smtp://user:password@host:587`);
  const files = {
    env: join(options.folder, '.env'),
    key: join(options.folder, 'operator.json'),
    operators: join(options.folder, 'operators', 'operators.json'),
  };
  const there = Object.values(files).filter((file) => existsSync(file));
  const lines = newInstallation({
    origin,
    port: options.port,
    smtpUrl: options.smtpUrl,
    mailFrom: options.mailFrom ?? `Rollcall <no-reply@${hostname}>`,
  });
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
  write(files, lines, options.operator);
  next(files, origin);
}

/** Secrets are named, never shown. */
function plan(files: readonly string[], lines: readonly Line[], there: readonly string[]) {
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

function write(files: { env: string; key: string; operators: string }, lines: readonly Line[], operator: string) {
  const { privateKey, publicKey } = makeKeyPair();
  mkdirSync(join(files.operators, '..'), { recursive: true, mode: 0o755 });
  // Public keys alone: the services, who run as somebody else, must be able to read them.
  writeOperators(files.operators, { [operator]: publicKey });
  writeOperatorKey(files.key, operator, privateKey);
  writeFileSync(
    files.env,
    `# Made by "rollcall init". It holds secrets: keep a copy where only you can read it.\n\n${envFile(lines)}`,
    { mode: 0o600, flag: 'wx', flush: true },
  );
}

function next(files: { env: string; key: string; operators: string }, origin: string) {
  say(`Written: ${files.env} (secrets), ${files.key} (your key as operator), ${files.operators} (who may operate).
Next: docker-compose up --detach --build
Then: ${origin}`);
}

export function initCommands(program: Command): void {
  program
    .command('init')
    .description(
      'makes the values and secrets of a new installation in containers: .env, and your key as its first operator',
    )
    .option('--origin <url>', 'where people meet it; else this machine', originOf)
    .option('--port <number>', 'of 127.0.0.1, where the gateway is published', port, 8080)
    .option('--smtp-url <url>', 'where mail goes; else a catcher keeps it, for development', smtpUrl)
    .option('--mail-from <sender>', 'of all mails', mailFrom)
    .option('--operator <name>', 'your name as operator', operatorName, userInfo().username)
    .option('--folder <path>', 'where the files go', '.')
    .option('--dry-run', 'shows what would be written, without the secrets')
    .option('--force', 'also when files are there, which are kept aside')
    .action(init);
}
