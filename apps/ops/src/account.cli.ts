import type { Command } from 'commander';
import { withInstallation } from './installation.ts';
import { type Form, outputOption, printOne, say } from './output.ts';

interface Options {
  readonly output: Form;
  readonly reason: string;
}

const KEYS_MAX = 200;

/** All that the services know of a person, for somebody who must help them. That it was looked at, and why, is kept in their account. */
async function inspect(accountId: string, { output, reason }: Options) {
  await withInstallation(async ({ peers, context }) => {
    // First, and not beside the others: nothing is shown of which there is no record.
    const account = await peers.of('identity', 'Accounts').inspectAccount({ accountId, reason }, context());
    const [organizations, keys, inactivity] = await Promise.all([
      peers.of('organization', 'Organizations').listOrganizations({ callerId: accountId, limit: KEYS_MAX }, context()),
      peers.of('key-management', 'Keys').listKeys({ accountId, status: 'all', limit: KEYS_MAX }, context()),
      peers.of('inactivity-policy', 'Inactivity').getInactivity({ accountId }, context()),
    ]);
    const active = keys.items.filter(({ status }) => status === 'active');
    printOne(
      {
        account: account.accountId,
        status: account.status,
        email: account.email,
        name: account.name,
        registered: account.createdAt,
        idleTimeout: account.idleTimeoutEnabled,
        organizations: organizations.items.map(({ organizationId, role }) => `${organizationId} (${role})`).join(', '),
        keys: `${active.length} active of ${keys.items.length}`,
        lastSignIn: inactivity.lastSignIn ?? '',
        lastSession: inactivity.lastSession ?? '',
        lastApi: inactivity.lastApi ?? '',
        inactivity: inactivity.status,
        warnedFrom: inactivity.warningAt,
        dueAt: inactivity.dueAt,
        suspendedAt: inactivity.suspendedAt ?? '',
      },
      output,
    );
    say("Your look and its reason are kept in the account's stream.");
  });
}

export function accountCommands(program: Command): void {
  program
    .command('account')
    .description("one person's account")
    .command('inspect')
    .description('all that is known of it; kept in its stream')
    .argument('<account>')
    .requiredOption('--reason <why>', 'kept with the look')
    .addOption(outputOption())
    .action(inspect);
}
