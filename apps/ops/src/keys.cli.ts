import { readFileSync } from 'node:fs';
import { apiKeyDigest } from '#platform';
import type { Command } from 'commander';
import { EXIT, Ended } from './exit.ts';
import { withInstallation } from './installation.ts';
import { type Form, outputOption, print, say } from './output.ts';

interface Options {
  readonly output: Form;
  readonly owner?: string;
  readonly project?: string;
  readonly leakedFile?: string;
  readonly apply?: boolean;
}

/** The digests of the keys in a file, one a line. The secrets themselves go nowhere. */
function digests(file: string): string[] {
  try {
    const secrets = readFileSync(file, 'utf8')
      .split(/\s+/)
      .filter((word) => word !== '');
    return [...new Set(secrets)].map(apiKeyDigest);
  } catch {
    throw new Ended(EXIT.usage, `${file} cannot be read. It holds one leaked key a line.`);
  }
}

async function revoke({ output, owner, project, leakedFile, apply = false }: Options) {
  if (owner === undefined && project === undefined && leakedFile === undefined)
    throw new Ended(EXIT.usage, 'Say whose keys: --owner <account>, --project <id>, or --leaked-file <file>.');
  if (leakedFile !== undefined && (owner !== undefined || project !== undefined))
    throw new Ended(EXIT.usage, 'Leaked keys are found by themselves: leave --owner and --project out.');
  await withInstallation(async ({ peers, context }) => {
    const request = {
      digests: leakedFile === undefined ? [] : digests(leakedFile),
      apply,
      ...(owner === undefined ? {} : { accountId: owner }),
      ...(project === undefined ? {} : { projectId: project }),
    };
    const { keys } = await peers.of('key-management', 'Keys').revokeKeys(request, context());
    print(
      keys.map(({ keyId, start, status, accountId, projectId, organizationId }) => ({
        key: keyId,
        start,
        status,
        account: accountId,
        project: projectId,
        organization: organizationId,
      })),
      output,
    );
    say(
      apply
        ? `${keys.length} keys are revoked: no request sent from now on is accepted.`
        : `${keys.length} keys would be revoked. Nothing was changed: say --apply to do it.`,
    );
  });
}

export function keyCommands(program: Command): void {
  program
    .command('keys')
    .description('API keys')
    .command('revoke')
    .description('revokes all keys of an account, of a project, or that have leaked; shows the plan unless --apply')
    .option('--owner <account>', 'of this account')
    .option('--project <id>', 'of this project')
    .option('--leaked-file <file>', 'one key a line; their accounts and owners are told')
    .option('--apply', 'do it')
    .addOption(outputOption())
    .action(revoke);
}
