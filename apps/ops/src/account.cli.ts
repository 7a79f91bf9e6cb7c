import type { identity } from '#contracts';
import type { CallContext, Peer } from '#platform';
import type { Command } from 'commander';
import { changes, type Decision, lookOption, looks } from './declare.ts';
import { withInstallation } from './installation.ts';
import { type Form, outputOption, printOne, say } from './output.ts';

interface Options {
  readonly output: Form;
  readonly reason: string;
}

const KEYS_MAX = 200;

type Accounts = Peer<identity.Accounts>;

/** All that the services know of a person, for an operator who must help them. The look and its reason are kept in the person's account. */
async function look({ output }: Options, ask: (accounts: Accounts, context: CallContext) => Promise<identity.Account>) {
  await withInstallation(async ({ peers, context }) => {
    // First, and not beside the others: nothing is shown of which there is no record.
    const account = await ask(peers.of('identity', 'Accounts'), context());
    const { accountId } = account;
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

const inspect = (accountId: string, options: Options) =>
  look(options, (accounts, context) => accounts.inspectAccount({ accountId, reason: options.reason }, context));

const find = (options: Options & { readonly email: string }) =>
  look(options, (accounts, context) =>
    accounts.findAccountByEmail({ email: options.email, reason: options.reason }, context),
  );

async function reactivate(decision: Decision, accountId: string, { output }: Pick<Options, 'output'>) {
  await withInstallation(async ({ peers, context }) => {
    const { status } = await peers.of('identity', 'Accounts').reactivateAccount({ accountId, ...decision }, context());
    printOne({ account: accountId, status }, output);
    say(
      decision.apply
        ? 'They may sign in again, and their keys work within seconds.'
        : status === 'suspended'
          ? 'They could sign in again, and their keys would work.'
          : 'It is not suspended: there is nothing to do.',
    );
  });
}

export function accountCommands(program: Command): void {
  const account = program.command('account').description("one person's account");
  looks(
    account
      .command('inspect')
      .description('all that is known of it; kept in its stream')
      .argument('<account>')
      .addOption(lookOption())
      .addOption(outputOption()),
    inspect,
  );
  looks(
    account
      .command('find')
      .description('the same, by the address that somebody writes from; kept in its stream')
      .requiredOption('--email <address>', 'as they signed up with it')
      .addOption(lookOption())
      .addOption(outputOption()),
    find,
  );
  changes(
    account
      .command('reactivate')
      .description('ends its suspension: sign-in and keys work again, as if it had been used now')
      .argument('<account>')
      .addOption(outputOption()),
    reactivate,
  );
}
