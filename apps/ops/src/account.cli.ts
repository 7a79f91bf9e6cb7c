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

async function suspend(decision: Decision, accountId: string, { output }: Pick<Options, 'output'>) {
  await withInstallation(async ({ peers, context }) => {
    const { status } = await peers.of('identity', 'Accounts').suspendAccount({ accountId, ...decision }, context());
    printOne({ account: accountId, status }, output);
    say(
      decision.apply
        ? 'They are signed out, and their keys stop working within seconds. Only an operator brings them back.'
        : 'They would be signed out, and their keys would stop working; only an operator could bring them back.',
    );
  });
}

async function endSessions(decision: Decision, accountId: string, { output }: Pick<Options, 'output'>) {
  await withInstallation(async ({ peers, context }) => {
    const { ended } = await peers.of('identity', 'Sessions').endAllSessions({ accountId, ...decision }, context());
    printOne({ account: accountId, sessions: ended }, output);
    say(decision.apply ? 'They are signed out everywhere.' : 'They would be signed out everywhere.');
  });
}

async function recover(decision: Decision, accountId: string, { output }: Pick<Options, 'output'>) {
  await withInstallation(async ({ peers, context }) => {
    const { status, dueAt } = await peers
      .of('identity', 'Recoveries')
      .approveFactorRecovery({ accountId, ...decision }, context());
    printOne({ account: accountId, recovery: status, dueAt: dueAt ?? '' }, output);
    say(RECOVERY[status] ?? '');
  });
}

const RECOVERY: Readonly<Record<string, string>> = {
  'not-asked':
    'The holder has not asked for it. They sign in with password or mailed link, and say there that all factors are lost.',
  'asked': 'The holder has asked, and proved password and mailbox. Make sure that it is they before you apply this.',
  'approved':
    'The holder is told, and can cancel. When it is due they get a link that removes their factors; a factor that they show before cancels it.',
};

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
      .command('suspend')
      .description('signs its holder out, and stops its keys, until an operator brings it back')
      .argument('<account>')
      .addOption(outputOption()),
    suspend,
  );
  changes(
    account
      .command('end-sessions')
      .description('signs its holder out everywhere')
      .argument('<account>')
      .addOption(outputOption()),
    endSessions,
  );
  changes(
    account
      .command('recover')
      .description('approves that its second factors are removed, 72 hours later, as its holder has asked')
      .argument('<account>')
      .addOption(outputOption()),
    recover,
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
