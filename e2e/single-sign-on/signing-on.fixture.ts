import { randomBytes, randomUUID } from 'node:crypto';
import type { identity as proto } from '#contracts';
import type { CallContext } from '#platform';
import { dnsServer, LyingProvider, type ProviderLies, serviceHarness } from '#testing';
import { identity } from '../../apps/identity/src/identity.module.ts';
import { context, PASSWORD, visit } from '../../apps/identity/src/identity.fixture.ts';
import { organization } from '../../apps/organization/src/organization.module.ts';

export const ORIGIN = 'https://id.example.com';

/** A browser: what it keeps of a sign-in at a provider, and of a session. */
export interface Browser {
  token: string;
  visit: proto.Visit;
}

/** Somebody with an account, and the session that they are in. */
export interface Member {
  readonly email: string;
  readonly accountId: string;
  readonly holder: proto.Holder;
  readonly token: string;
}

/** Identity and organization at work, with a DNS server and an OpenID provider that can be told to lie. */
export async function signingOn() {
  const [dns, provider] = [await dnsServer(), await LyingProvider.start()];
  const harness = await serviceHarness(
    [
      {
        service: identity,
        config: async (database) => {
          const keys = await database();
          return {
            personKeysDatabaseUrl: keys.url,
            ownerPersonKeysDatabaseUrl: keys.ownerUrl,
            masterKey: randomBytes(32).toString('base64url'),
            signUpsPerNetworkAndHour: 1_000_000,
            ssoPrivateHosts: provider.host,
          };
        },
      },
      { service: organization, config: async () => ({ ssoDnsServers: dns.address, ssoPrivateHosts: provider.host }) },
    ],
    { 'key-management': { Gate: { confirmWithdrawal: async () => ({ confirmed: true }) } } },
  );
  const peer = harness.peer('gateway');
  const of = {
    signUps: peer.of('identity', 'SignUps'),
    signIns: peer.of('identity', 'SignIns'),
    sessions: peer.of('identity', 'Sessions'),
    security: peer.of('identity', 'Security'),
    recoveries: peer.of('identity', 'Recoveries'),
    signingOn: peer.of('identity', 'SingleSignOn'),
    organizations: peer.of('organization', 'Organizations'),
    invitations: peer.of('organization', 'Invitations'),
    connections: peer.of('organization', 'SingleSignOn'),
  };

  async function signUp(email: string): Promise<Member> {
    await of.signUps.requestSignUp({ email, network: randomUUID() }, context());
    const { rows } = await harness
      .database('identity')
      .pool.query<{ id: string }>(
        `SELECT substr(stream_id, 9) AS id FROM events WHERE type = 'SignUpRequested' ORDER BY txid DESC, pos DESC LIMIT 1`,
      );
    const { token = '' } = await harness
      .peer('mailer')
      .of('identity', 'SignUps')
      .addressSignUp({ signUpId: rows[0]?.id ?? '' }, context());
    return member(
      email,
      await of.signUps.verifySignUp({ token, name: 'Ada', password: PASSWORD, visit: visit() }, context()),
    );
  }

  const member = (email: string, signedIn: proto.SignedIn | undefined): Member => {
    const accountId = signedIn?.account?.accountId ?? '';
    const holder = { accountId, sessionId: signedIn?.session?.sessionId ?? '' };
    return { email, accountId, holder, token: signedIn?.sessionToken ?? '' };
  };

  /** Whether a session is open. */
  const isOpen = async (token: string) =>
    (await of.sessions.checkSessions({ checks: [{ sessionToken: token, touch: false }] }, context())).verdicts[0]
      ?.outcome === 'good';

  /** An owner's organization with a domain of its own, proved. */
  async function acme(domain = `${randomUUID()}.example`) {
    const owner = await signUp(`owner@${domain}`);
    const created = await of.organizations.createOrganization({ callerId: owner.accountId, name: 'Acme' }, context());
    const { organizationId } = created;
    const callerId = owner.accountId;
    const claimed = await of.connections.claimDomain({ callerId, organizationId, domain }, context());
    dns.answers.set(claimed.recordName, [claimed.recordValue]);
    await of.connections.verifyDomain({ callerId, domainId: claimed.domainId }, context());
    const drafted = await of.connections.draftConnection({ callerId, organizationId, name: 'Login' }, context());
    const { connectionId } = drafted;
    const { clientId, clientSecret } = LyingProvider.CLIENT;
    const client = { issuer: provider.issuer, clientId, clientAuthentication: 'client_secret_basic' };
    await of.connections.putOidc({ callerId, connectionId, client, clientSecret }, context());
    return { owner, organizationId, connectionId, callerId, domain, domainId: claimed.domainId };
  }
  type Acme = Awaited<ReturnType<typeof acme>>;

  const browser = (): Browser => ({ token: '', visit: visit() });

  /** A sign-in at the provider, through a browser, as the person with these claims. */
  async function through(
    connectionId: string,
    claims: ProviderLies['claims'],
    {
      by = browser(),
      purpose = 'sign-in',
      holder,
      invitationToken,
      halfToken,
      within = context(),
    }: {
      by?: Browser;
      purpose?: string;
      holder?: proto.Holder;
      invitationToken?: string;
      halfToken?: string;
      within?: CallContext;
    } = {},
  ): Promise<proto.FinishResponse> {
    const started = await of.signingOn.start(
      {
        connectionId,
        purpose,
        origin: ORIGIN,
        network: by.visit.network,
        ...(by.token === '' ? {} : { browserToken: by.token }),
        ...(holder ? { holder } : {}),
        ...(invitationToken === undefined ? {} : { invitationToken }),
        ...(halfToken === undefined ? {} : { halfToken }),
      },
      within,
    );
    by.token = started.browserToken;
    const location = new URL(started.location);
    provider.lies = { claims: { email_verified: true, auth_time: seconds(), ...claims } };
    const query = provider.signIn(location);
    const state = location.searchParams.get('state') ?? '';
    return of.signingOn.finish(
      {
        connectionId,
        browserToken: by.token,
        state,
        query,
        origin: ORIGIN,
        visit: by.visit,
        ...(holder ? { holder } : {}),
        ...(halfToken === undefined ? {} : { halfToken }),
      },
      within,
    );
  }

  /** The owner tests the connection, and enforces it. */
  async function enforce({ owner, connectionId, callerId }: Acme) {
    const { tested } = await through(
      connectionId,
      { sub: 'owner', email: owner.email },
      { purpose: 'test', holder: owner.holder },
    );
    const { enforced } = await of.connections.enforce({ callerId, connectionId }, context());
    return { tested, enforced };
  }

  /** The token of the newest binding link, as the mail carries it. */
  async function bindingLink(accountId: string): Promise<string> {
    const { token = '' } = await harness
      .peer('mailer')
      .of('identity', 'Recoveries')
      .addressLetter({ purpose: 'sso-bind', id: accountId }, context());
    return token;
  }

  const bind = async (accountId: string, by: Browser) =>
    of.signingOn.bind({ token: await bindingLink(accountId), browserToken: by.token, visit: by.visit }, context());

  /** A member who was invited before anything was enforced. */
  async function join({ organizationId, callerId }: Acme, who: Member, role = 'member') {
    const { invitationId } = await of.invitations.invite(
      { callerId, organizationId, email: who.email, role, projectIds: [] },
      context(),
    );
    await of.invitations.acceptOwnInvitation({ callerId: who.accountId, invitationId }, context());
    return who;
  }

  return {
    harness,
    dns,
    provider,
    of,
    signUp,
    member,
    isOpen,
    acme,
    browser,
    through,
    enforce,
    bind,
    bindingLink,
    join,
    signIn: (email: string, password = PASSWORD) => of.signIns.signIn({ email, password, visit: visit() }, context()),
    async stop() {
      await harness.stop();
      await provider.close();
      await dns.stop();
    },
  };
}

const seconds = () => Math.floor(Date.now() / 1_000);
