import { randomBytes, randomUUID } from 'node:crypto';
import type { identity as proto } from '#contracts';
import type { CallContext } from '#platform';
import { dnsServer, LyingProvider, type ProviderLies, SecurityKey, serviceHarness } from '#testing';
import { HOTP, Secret } from 'otpauth';
import { userHandleOf } from '../../apps/identity/src/factor/passkey.ts';
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

/** How somebody signs in at the provider. */
interface Through {
  readonly by?: Browser;
  readonly purpose?: string;
  readonly holder?: proto.Holder;
  readonly invitationToken?: string;
  readonly halfToken?: string;
  /** What the provider says of itself beside the truth. */
  /** In place of the provider, at its paths. */
  readonly at?: NonNullable<ProviderLies['at']>;
  readonly metadata?: ProviderLies['metadata'];
  readonly within?: CallContext;
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

  /** The token of the newest sign-up, as the mail carries it. */
  async function signUpLink(): Promise<string> {
    const { rows } = await harness
      .database('identity')
      .pool.query<{ id: string }>(
        `SELECT substr(stream_id, 9) AS id FROM events WHERE type = 'SignUpRequested' ORDER BY txid DESC, pos DESC LIMIT 1`,
      );
    const { token = '' } = await harness
      .peer('mailer')
      .of('identity', 'SignUps')
      .addressSignUp({ signUpId: rows[0]?.id ?? '' }, context());
    return token;
  }

  async function signUp(email: string): Promise<Member> {
    await of.signUps.requestSignUp({ email, network: randomUUID() }, context());
    const token = await signUpLink();
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

  /** A sign-in at the provider, through a browser, as the person with these claims: as far as what the browser brings back. */
  async function answered(
    connectionId: string,
    claims: ProviderLies['claims'],
    {
      by = browser(),
      purpose = 'sign-in',
      holder,
      invitationToken,
      halfToken,
      metadata = {},
      at = {},
      within = context(),
    }: Through = {},
  ): Promise<proto.FinishRequest> {
    provider.lies = { metadata, at, claims: { email_verified: true, auth_time: seconds(), ...claims } };
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
    const query = provider.signIn(location);
    return {
      connectionId,
      browserToken: by.token,
      state: location.searchParams.get('state') ?? '',
      query,
      origin: ORIGIN,
      visit: by.visit,
      ...(holder ? { holder } : {}),
      ...(halfToken === undefined ? {} : { halfToken }),
    };
  }

  /** And what that comes to. */
  const through = async (
    connectionId: string,
    claims: ProviderLies['claims'],
    how: Through = {},
  ): Promise<proto.FinishResponse> =>
    of.signingOn.finish(await answered(connectionId, claims, how), how.within ?? context());

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

  /** The id of an invitation. */
  async function invitation({ organizationId, callerId }: Acme, email: string, role = 'member'): Promise<string> {
    const wanted = { callerId, organizationId, email, role, projectIds: [] };
    return (await of.invitations.invite(wanted, context())).invitationId;
  }

  /** An invitation of an address: the token of its mail. */
  async function invite(acme: Acme, email: string): Promise<string> {
    const invitationId = await invitation(acme, email);
    const mailer = harness.peer('mailer').of('organization', 'Invitations');
    return (await mailer.addressInvitation({ invitationId }, context())).token;
  }

  /** The token of the newest link that was asked for; undefined where the mail has none, or there is none. */
  async function mailed(kind: 'reset' | 'reactivation', who: Member): Promise<string | undefined> {
    await of.recoveries.wishForMail({ kind, email: who.email, network: randomUUID() }, context());
    const { pool } = harness.database('identity');
    while ((await pool.query('SELECT FROM mail_wishes LIMIT 1')).rowCount !== 0);
    const { rows } = await pool.query<{ id: string }>(
      `SELECT substr(stream_id, length($1) + 2) AS id FROM events WHERE stream_id LIKE $1 || '-%' AND data->>'accountId' = $2 ORDER BY txid DESC, pos DESC LIMIT 1`,
      [kind, who.accountId],
    );
    return rows[0] && letter(kind, rows[0].id);
  }

  /** The token of the letter of an account, or of a link. */
  async function letter(purpose: string, id: string): Promise<string | undefined> {
    const mailer = harness.peer('mailer').of('identity', 'Recoveries');
    return (await mailer.addressLetter({ purpose, id }, context())).token ?? undefined;
  }

  /** Turns a second factor on. Answers its secret, and the token that the session has by now. */
  async function secure({ holder }: Member): Promise<{ secret: string; token: string }> {
    const asked = { holder, name: 'Phone', issuer: 'id.example.com' };
    const { factorId, secret } = await of.security.beginAuthenticator(asked, context());
    const shown = { holder, factorId, code: totp(secret, -1) };
    return { secret, token: (await of.security.confirmAuthenticator(shown, context())).sessionToken };
  }

  /** Adds a passkey. Answers how it signs in. */
  async function addPasskey({ holder, accountId }: Member): Promise<() => Promise<proto.SignInStep>> {
    const key = new SecurityKey();
    const ceremony = ({ options }: proto.PasskeyOptions) => ({
      challenge: (JSON.parse(options) as { challenge: string }).challenge,
      origin: ORIGIN,
      rpId: new URL(ORIGIN).hostname,
      userHandle: userHandleOf(accountId),
    });
    const passkey = key.register(ceremony(await of.security.beginPasskey({ holder, origin: ORIGIN }, context())));
    await of.security.addPasskey({ holder, origin: ORIGIN, name: 'Key', passkey }, context());
    return async () => {
      const asked = ceremony(await of.signIns.askPasskey({ origin: ORIGIN }, context()));
      return of.signIns.signInByPasskey({ passkey: key.assert(asked), origin: ORIGIN, visit: visit() }, context());
    };
  }

  /** A member who was invited before anything was enforced. */
  async function join(acme: Acme, who: Member, role = 'member') {
    const invitationId = await invitation(acme, who.email, role);
    await of.invitations.acceptOwnInvitation({ callerId: who.accountId, invitationId }, context());
    return who;
  }

  return {
    harness,
    dns,
    provider,
    of,
    signUp,
    signUpLink,
    member,
    isOpen,
    acme,
    browser,
    answered,
    through,
    enforce,
    bind,
    bindingLink,
    invitation,
    invite,
    join,
    mailed,
    letter,
    secure,
    addPasskey,
    signIn: (email: string, password = PASSWORD) => of.signIns.signIn({ email, password, visit: visit() }, context()),
    async stop() {
      await harness.stop();
      await provider.close();
      await dns.stop();
    },
  };
}

/** An authenticator's code: of this half minute, or of one beside it. */
export const totp = (secret: string, offset = 0): string =>
  HOTP.generate({ secret: Secret.fromBase32(secret), counter: Math.floor(Date.now() / 30_000) + offset });

const seconds = () => Math.floor(Date.now() / 1_000);
