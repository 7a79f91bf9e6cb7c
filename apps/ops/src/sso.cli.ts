import type { organization } from '#contracts';
import type { CallContext, Peer } from '#platform';
import type { Command } from 'commander';
import { changes, type Decision, lookOption, looks } from './declare.ts';
import { withInstallation } from './installation.ts';
import { type Form, outputOption, print, printOne, say } from './output.ts';

interface Options {
  readonly output: Form;
  readonly reason: string;
}
type SingleSignOn = Peer<organization.SingleSignOn>;

async function asking<T>(ask: (singleSignOn: SingleSignOn, context: CallContext) => Promise<T>): Promise<T> {
  return withInstallation(async ({ peers, context }) => ask(peers.of('organization', 'SingleSignOn'), context()));
}

async function list({ output, reason }: Options) {
  const { items } = await asking((peer, context) => peer.listSingleSignOn({ reason }, context));
  print(
    items.map(({ organizationId, organizationName, connectionId, enforced, domains }) => ({
      organization: organizationId,
      name: organizationName,
      connection: connectionId,
      enforced,
      domains: domains.join(', '),
    })),
    output,
  );
  say('Your look and its reason are kept.');
}

async function explain(id: string, { output, reason }: Options) {
  const { connections, domains } = await asking((peer, context) => peer.explainSingleSignOn({ id, reason }, context));
  print(connections.map(connectionRow), output);
  print(domains.map(domainRow), output);
  say(sentence(connections, domains));
  say('Your look and its reason are kept.');
}

/** Why people get in as they do. */
function sentence(connections: readonly organization.Connection[], domains: readonly organization.Domain[]): string {
  const enforced = connections.find(({ status }) => status === 'enforced');
  const held = domains.filter(({ status }) => status !== 'claimed').map(({ domain }) => domain);
  if (!enforced) return 'No connection is enforced: its people sign in as they like.';
  const breakGlass = enforced.settings?.breakGlassAccountId;
  return [
    `Members with an address in ${held.join(', ') || 'none of its domains'} sign in by ${enforced.name} alone`,
    breakGlass == null ? ', and nobody without it.' : `, but ${breakGlass}.`,
  ].join('');
}

const connectionRow = ({
  connectionId,
  name,
  status,
  n,
  enforcedN,
  testedAt,
  endsAt,
  oidc,
  saml,
}: organization.Connection) => ({
  connection: connectionId,
  name,
  status,
  configuration: n,
  enforced: enforcedN ?? '',
  provider: oidc?.issuer ?? saml?.entityId ?? '',
  testedAt: testedAt ?? '',
  endsAt: endsAt ?? '',
});

const domainRow = ({ domainId, domain, status, recordName, provedAt, missingSince }: organization.Domain) => ({
  id: domainId,
  domain,
  status,
  record: recordName,
  provedAt: provedAt ?? '',
  missingSince: missingSince ?? '',
});

async function off(decision: Decision, id: string, { output, now = false }: Options & { readonly now?: boolean }) {
  const connection = await asking((peer, context) => peer.overrideTurnOff({ id, ...decision, now }, context));
  printOne(connectionRow(connection), output);
  if (!decision.apply)
    say(now ? 'It would be off at once.' : 'It would be off in 24 hours, and its owners would be told now.');
  else
    say(
      now
        ? 'It is off: sessions of its provider end. Its owners are told.'
        : 'It will be off in 24 hours, unless an owner enforces it again. Its owners are told.',
    );
}

async function verifyDomain(decision: Decision, id: string, { output }: Options) {
  const domain = await asking((peer, context) => peer.overrideVerifyDomain({ id, ...decision, now: false }, context));
  printOne(domainRow(domain), output);
  say(
    decision.apply
      ? "The domain is the organization's by your word; it is looked for in DNS no more."
      : "The domain would be the organization's by your word, and looked for in DNS no more.",
  );
}

export function ssoCommands(program: Command): void {
  const sso = program.command('sso').description('single sign-on of organizations at their own identity providers');
  const common = (command: Command) => command.addOption(lookOption()).addOption(outputOption());
  looks(common(sso.command('list').description('organizations with a connection')), list);
  looks(
    common(
      sso
        .command('explain')
        .description('connections and domains of an organization, and what follows for its people')
        .argument('<organization>'),
    ),
    explain,
  );
  changes(
    sso
      .command('off')
      .description('turns the enforced connection off in 24 hours: its owners are told, and can enforce it again')
      .argument('<organization>')
      .option('--now', 'at once')
      .addOption(outputOption()),
    off,
  );
  changes(
    sso
      .command('verify-domain')
      .description('vouches for a domain where DNS cannot be asked')
      .argument('<domain>')
      .addOption(outputOption()),
    verifyDomain,
  );
}
