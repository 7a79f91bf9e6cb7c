import { readFileSync } from 'node:fs';
import type { keyManagement } from '#contracts';
import type { Command } from 'commander';
import { changes, type Decision, lookOption, looks } from './declare.ts';
import { EXIT, Ended } from './exit.ts';
import { withInstallation } from './installation.ts';
import { type Form, outputOption, print, type TableRow, say } from './output.ts';

interface Options {
  readonly output: Form;
  readonly owner?: string;
  readonly project?: string;
  readonly leakedFile?: string;
}

interface Leaked {
  readonly digests: string[];
  /** Numbers of lines that hold something, and no key. */
  readonly bad: readonly number[];
}

/** The digests of the keys in a file, wherever they stand in its lines. The secrets themselves go nowhere. @throws Ended */
async function leakedIn(file: string): Promise<Leaked> {
  const { apiKeyDigest, apiKeysIn } = await import('#platform');
  const lines = read(file)
    .split(/\r?\n/)
    .map((line, n) => ({ n: n + 1, empty: line.trim() === '', keys: apiKeysIn(line, Infinity).filter(isKey) }));
  const bad = lines.filter(({ empty, keys }) => !empty && keys.length === 0).map(({ n }) => n);
  const keys = [...new Set(lines.flatMap((line) => line.keys))];
  if (keys.length === 0)
    throw new Ended(EXIT.usage, `No line of ${file} holds a whole key. It holds one leaked key a line.`);
  return { digests: keys.map(apiKeyDigest), bad };
}

/** `apiKeysIn` gives back what is none, for a report of one thing. */
const isKey = (text: string) => /^[a-z0-9]+_\w{22}_\w{43}_\w{6}$/.test(text);

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Ended(EXIT.usage, `${file} cannot be read. It holds one leaked key a line.`);
  }
}

async function revoke(decision: Decision, { output, owner, project, leakedFile }: Options) {
  if (owner === undefined && project === undefined && leakedFile === undefined)
    throw new Ended(EXIT.usage, 'Say whose keys: --owner <account>, --project <id>, or --leaked-file <file>.');
  if (leakedFile !== undefined && (owner !== undefined || project !== undefined))
    throw new Ended(EXIT.usage, 'Leaked keys are found by themselves: leave --owner and --project out.');
  const { digests, bad } = leakedFile === undefined ? { digests: [], bad: [] } : await leakedIn(leakedFile);
  await withInstallation(async ({ peers, context }) => {
    const request = {
      digests,
      ...decision,
      ...(owner === undefined ? {} : { accountId: owner }),
      ...(project === undefined ? {} : { projectId: project }),
    };
    const { keys } = await peers.of('key-management', 'Keys').revokeKeys(request, context());
    print(keys.map(keyRow), output);
    say(
      decision.apply
        ? `${keys.length} keys are revoked: no request sent from now on is accepted.`
        : `${keys.length} keys would be revoked.`,
    );
  });
  if (bad.length === 0) return;
  say(
    `No whole key is in line ${bad.join(', ')} of ${leakedFile ?? ''}: what leaked there still works. Write it as it was issued, one a line.`,
  );
  process.exitCode = EXIT.fault;
}

/** A key's start as the product writes it, from what a person quotes of one: its start, its last characters, or carelessly the whole. */
export function startOf(quoted: string): string {
  const whole = /^([a-z0-9]+)_(\w{22})_\w+$/.exec(quoted.trim());
  return whole ? `${whole[1] ?? ''}_…${whole[2]?.slice(-6) ?? ''}` : quoted.trim().replace('...', '…');
}

async function find({ output, start, reason }: Options & { readonly start: string; readonly reason: string }) {
  await withInstallation(async ({ peers, context }) => {
    const { keys } = await peers.of('key-management', 'Keys').findKeys({ start: startOf(start), reason }, context());
    print(
      keys.map((key) => ({
        ...keyRow(key),
        name: key.name,
        created: key.createdAt,
        lastUsed: key.lastUsedAt ?? '',
        expires: key.expiresAt ?? '',
      })),
      output,
    );
    say('Your look and its reason are kept.');
  });
}

const keyRow = ({ keyId, start, status, accountId, projectId, organizationId }: keyManagement.Key): TableRow => ({
  key: keyId,
  start,
  status,
  account: accountId,
  project: projectId,
  organization: organizationId,
});

export function keyCommands(program: Command): void {
  const keys = program.command('keys').description('API keys');
  looks(
    keys
      .command('find')
      .description('keys by their start, as people see and quote it')
      .requiredOption('--start <start>', 'such as rck_…A1b2C3, or its last six characters')
      .addOption(lookOption())
      .addOption(outputOption()),
    find,
  );
  changes(
    keys
      .command('revoke')
      .description('revokes all keys of an account, of a project, or that have leaked')
      .option('--owner <account>', 'of this account')
      .option('--project <id>', 'of this project')
      .option('--leaked-file <file>', 'one key a line; their accounts and owners are told')
      .addOption(outputOption()),
    revoke,
  );
}
