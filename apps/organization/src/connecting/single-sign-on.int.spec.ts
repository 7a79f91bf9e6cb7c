import { createPrivateKey, createPublicKey, randomUUID, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FactData } from '#contracts';
import { PostgresEventStore } from '#event-sourcing';
import { type CallContext, Problem } from '#platform';
import { dnsServer, type DnsServer, serviceHarness, type ServiceHarness } from '#testing';
import { organization } from '../organization.module.ts';
import { makeKeyPair } from '../single-sign-on/key-pair.ts';

/** What identity says; the service itself is real, and so are its calls and its DNS server. */
const world = { confirms: true, confirmed: [] as string[], secured: new Set<string>() };

const context = (change: Partial<CallContext> = {}): CallContext => ({
  correlationId: randomUUID(),
  actor: 'account:test',
  ...change,
});
const HOUR_MS = 3_600_000;
const oidc = {
  issuer: 'https://login.acme.example',
  clientId: 'rollcall',
  clientAuthentication: 'client_secret_basic',
};
const NOBODY = randomUUID();
const clientSecret = 'a secret of the client';

async function refused(asked: Promise<unknown>, code: string) {
  await expect(asked).rejects.toMatchObject({ code });
}

async function eventually(holds: () => Promise<boolean>) {
  const until = performance.now() + 20_000;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error('it never came to hold');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('single sign-on of an organization', () => {
  let harness: ServiceHarness;
  let dns: DnsServer;
  /** Where a provider publishes what it says of itself. */
  let provider: Server;
  let origin: string;
  const published = new Map<string, string>();
  beforeAll(async () => {
    dns = await dnsServer();
    provider = createServer(({ url = '' }, answer) => {
      const text = published.get(url);
      answer.writeHead(text === undefined ? 404 : 200).end(text);
    }).listen(0, '127.0.0.1');
    await once(provider, 'listening');
    const { port } = provider.address() as AddressInfo;
    origin = `http://127.0.0.1:${port}`;
    const confirm = async ({ streamId, version }: { streamId: string; version: number }) => {
      world.confirmed.push(`${streamId}@${version}`);
      return { confirmed: world.confirms };
    };
    harness = await serviceHarness(
      [
        {
          service: organization,
          config: async () => ({
            enforceWithinMs: 300,
            ssoDnsServers: dns.address,
            ssoPrivateHosts: `idp.internal:8080,127.0.0.1:${port}`,
          }),
        },
      ],
      {
        'identity': {
          Accounts: {
            getStanding: async ({ accountId }) => {
              if (accountId === NOBODY) throw new Problem('account/unknown', 'No account has this id.');
              return { multiFactor: false, status: 'active', passkey: world.secured.has(accountId) };
            },
          },
          History: { readStream: async () => ({ facts: [] }) },
          SingleSignOn: {
            confirm,
            preview: async () => ({
              governed: { count: 1, accountIds: [] },
              guests: { count: 2, accountIds: [] },
              heldBack: { count: 3, accountIds: [] },
            }),
          },
        },
        'key-management': { Gate: { confirmWithdrawal: async () => ({ confirmed: true }) } },
      },
    );
  });
  afterAll(async () => {
    await harness.stop();
    await dns.stop();
    provider.close();
  });
  beforeEach(() => {
    world.confirms = true;
  });

  const organizations = () => harness.peer('gateway').of('organization', 'Organizations');
  const sso = () => harness.peer('gateway').of('organization', 'SingleSignOn');
  const byIdentity = () => harness.peer('identity').of('organization', 'SingleSignOn');
  const byOperator = () => harness.peer('operator:ada').of('organization', 'SingleSignOn');

  async function acme() {
    const callerId = randomUUID();
    const { organizationId } = await organizations().createOrganization({ callerId, name: 'Acme' }, context());
    return { callerId, organizationId };
  }
  /** Whether the next look at a domain is no further ahead. */
  const looksAhead = async (domain: string, ms: number) => {
    const { rows } = await harness
      .database('organization')
      .pool.query(
        'SELECT FROM daily_looks JOIN domain_places ON subject_id = domain_id WHERE domain = $1 AND next_at > $2 AND next_at <= $3',
        [domain, harness.clock.now(), new Date(harness.clock.now().getTime() + ms)],
      );
    return rows.length === 1;
  };
  const newDomain = () => `${randomUUID()}.example`;
  const claim = (of: { callerId: string; organizationId: string }, domain = newDomain()) =>
    sso().claimDomain({ ...of, domain }, context());
  async function verified(of: { callerId: string; organizationId: string }, domain = newDomain()) {
    const claimed = await claim(of, domain);
    dns.answers.set(claimed.recordName, ['v=spf1 -all', claimed.recordValue]);
    await sso().verifyDomain({ callerId: of.callerId, domainId: claimed.domainId }, context());
    return claimed;
  }
  async function tested(of: { callerId: string; organizationId: string }) {
    const { callerId } = of;
    const { connectionId } = await sso().draftConnection({ ...of, name: 'Acme login' }, context());
    const { n } = await sso().putOidc({ callerId, connectionId, client: oidc, clientSecret }, context());
    await byIdentity().recordTest({ connectionId, n, by: callerId, fresh: true }, context());
    return { callerId, connectionId };
  }
  async function enforced() {
    const of = await acme();
    const domain = await verified(of);
    const connection = await tested(of);
    expect((await sso().enforce(connection, context())).enforced).toBe(true);
    return { ...of, ...connection, domain };
  }
  const told = async (organizationId: string) =>
    (await harness.told('organization.single-sign-on'))
      .filter(({ streamId }) => streamId === `single-sign-on-${organizationId}`)
      .map(({ name }) => name);
  const signsIn = (accountId: string, methods: FactData<'LoginRecorded.v2'>['methods']) =>
    harness.tell(
      {
        name: 'LoginRecorded.v2',
        data: { accountId, sessionId: randomUUID(), methods, newDevice: false, at: harness.clock.now().toISOString() },
      },
      `login-${accountId}`,
    );

  describe('a connection', () => {
    it('goes from draft to tested to enforced to off, and tells everybody what is enforced', async () => {
      const of = await acme();
      await verified(of);
      const draft = await sso().draftConnection({ ...of, name: 'Acme login' }, context());
      expect(draft).toMatchObject({ status: 'draft', n: 0, settings: { sessionHours: 24, guests: 'allowed' } });
      const connection = { callerId: of.callerId, connectionId: draft.connectionId };
      await refused(sso().enforce(connection, context()), 'connection/invalid');
      await sso().putOidc({ ...connection, client: oidc, clientSecret }, context());
      await refused(sso().enforce(connection, context()), 'connection/not-tested');
      await byIdentity().recordTest(
        { connectionId: draft.connectionId, n: 1, by: of.callerId, fresh: true },
        context(),
      );
      expect(await sso().getConnection(connection, context())).toMatchObject({ status: 'tested', n: 1 });
      const { enforced: holds, connection: live } = await sso().enforce(connection, context());
      expect([holds, live?.status, live?.enforcedN]).toEqual([true, 'enforced', 1]);
      expect(await sso().getGovernance(of, context())).toMatchObject({
        connectionName: 'Acme login',
        sessionHours: 24,
      });
      expect((await sso().turnOff(connection, context())).connection).toMatchObject({ status: 'off', n: 1 });
      await refused(sso().enforce(connection, context()), 'connection/not-tested');
      expect(await sso().removeConnection(connection, context())).toEqual({ enforced: true });
      expect(await sso().listConnections(of, context())).toEqual({ items: [] });
      await eventually(async () => (await told(of.organizationId)).length === 4);
      expect(await told(of.organizationId)).toEqual([
        'DomainVerified.v1',
        'SingleSignOnEnforced.v1',
        'SingleSignOnTurnedOff.v1',
        'ConnectionRemoved.v1',
      ]);
    });

    it('is not said to be enforced before identity has confirmed it, and is all the same', async () => {
      const of = await acme();
      await verified(of);
      const connection = await tested(of);
      world.confirms = false;
      expect(await sso().enforce(connection, context())).toMatchObject({
        enforced: false,
        connection: { status: 'enforced' },
      });
      expect(world.confirmed.some((asked) => asked.startsWith(`single-sign-on-${of.organizationId}@`))).toBe(true);
    });

    it('is asked of identity as far as identity can know: no version of which nobody is told', async () => {
      const { callerId, connectionId, organizationId } = await enforced();
      await sso().draftConnection({ callerId, organizationId, name: 'Private' }, context());
      world.confirmed.length = 0;
      await sso().enforce({ callerId, connectionId }, context());
      const asked = world.confirmed.filter((each) => each.startsWith('single-sign-on-'));
      const facts = await harness.told('organization.single-sign-on');
      const versions = facts.filter(({ streamId }) => streamId.endsWith(organizationId)).map(({ version }) => version);
      expect(asked).toEqual([`single-sign-on-${organizationId}@${versions.at(-1)}`]);
    });

    it('opens its secrets for identity alone, those of what is enforced beside the newest, and forgets others', async () => {
      const { callerId, connectionId, organizationId } = await enforced();
      for (const secret of ['second', 'third'])
        await sso().putOidc({ callerId, connectionId, client: oidc, clientSecret: secret }, context());
      const opened = (n?: number) => byIdentity().openConnection({ connectionId, n }, context());
      expect(await opened(1)).toMatchObject({ organizationId, n: 1, enforcedN: 1, oidc: { clientSecret } });
      expect(await opened()).toMatchObject({ n: 3, status: 'enforced', oidc: { client: oidc, clientSecret: 'third' } });
      await refused(opened(2), 'connection/unknown');
      expect(JSON.stringify(await sso().getConnection({ callerId, connectionId }, context()))).not.toContain('third');
      const { pool } = harness.database('organization');
      const { rows } = await pool.query<{ n: number; sealed: Buffer }>(
        'SELECT n, sealed FROM connection_secrets WHERE connection_id = $1 ORDER BY n',
        [connectionId],
      );
      expect(rows.map(({ n }) => n)).toEqual([1, 3]);
      expect(rows.some(({ sealed }) => sealed.includes('third'))).toBe(false);
      const { rows: events } = await pool.query('SELECT data::text FROM events WHERE stream_id = $1', [
        `single-sign-on-${organizationId}`,
      ]);
      expect(JSON.stringify(events)).not.toContain('third');
    });

    it('is asked by TLS, but in the network of the operator', async () => {
      const of = await acme();
      const { connectionId } = await sso().draftConnection({ ...of, name: 'Acme' }, context());
      const put = (issuer: string) =>
        sso().putOidc({ callerId: of.callerId, connectionId, client: { ...oidc, issuer }, clientSecret }, context());
      await expect(put('http://login.acme.example')).rejects.toMatchObject({
        code: 'request/invalid',
        facts: { fields: [{ pointer: '/issuer' }] },
      });
      expect(await put('http://idp.internal:8080')).toMatchObject({ n: 1 });
    });

    it('has one key and certificate for all its configurations by SAML', async () => {
      const of = await acme();
      const { connectionId } = await sso().draftConnection({ ...of, name: 'Acme' }, context());
      const { certificate: theirs } = await makeKeyPair('provider', new Date());
      const saml = {
        callerId: of.callerId,
        connectionId,
        entityId: 'https://login.acme.example',
        signInUrl: 'https://login.acme.example/saml',
      };
      const bare = theirs.replace(/-----.*-----|\n/g, '');
      const first = await sso().putSaml({ ...saml, certificates: [theirs] }, context());
      const second = await sso().putSaml({ ...saml, certificates: [bare] }, context());
      expect([first.n, second.n]).toEqual([1, 2]);
      expect(second.saml).toEqual(first.saml);
      const { saml: opened } = await byIdentity().openConnection({ connectionId }, context());
      const certificate = new X509Certificate(opened?.provider?.certificate ?? '');
      expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
      expect(certificate.publicKey.equals(createPublicKey(createPrivateKey(opened?.privateKey ?? '')))).toBe(true);
    });

    it('is what the provider says of itself, from a text or from where it publishes that', async () => {
      const of = await acme();
      const { connectionId } = await sso().draftConnection({ ...of, name: 'Acme' }, context());
      const { certificate } = await makeKeyPair('provider', new Date());
      const metadata = metadataOf(certificate);
      published.set('/metadata', metadata);
      published.set('/none', '<html/>');
      const put = (how: { metadata?: string; metadataUrl?: string }) =>
        sso().putSaml(
          { callerId: of.callerId, connectionId, entityId: '', signInUrl: '', certificates: [], ...how },
          context(),
        );
      const said = { entityId: 'https://login.acme.example', signInUrl: 'https://login.acme.example/saml' };
      const first = await put({ metadata });
      expect(first.saml).toMatchObject({ ...said, certificates: [expect.stringContaining('BEGIN CERTIFICATE')] });
      expect((await put({ metadataUrl: `${origin}/metadata` })).saml).toEqual(first.saml);
      for (const [how, pointer] of [
        [{ metadata: '<html/>' }, '/metadata'],
        [{ metadataUrl: `${origin}/none` }, '/metadataUrl'],
        [{ metadataUrl: `${origin}/gone` }, '/metadataUrl'],
        [{ metadataUrl: 'https://127.0.0.1:1/metadata' }, '/metadataUrl'],
      ] as const)
        await expect(put(how)).rejects.toMatchObject({ code: 'request/invalid', facts: { fields: [{ pointer }] } });
    });

    it('trusts what the provider publishes later, beside what it published, with the same key of ours', async () => {
      const of = await acme();
      await verified(of);
      const { callerId } = of;
      const { connectionId } = await sso().draftConnection({ ...of, name: 'Acme' }, context());
      const [first, second] = await Promise.all(['one', 'two'].map((name) => makeKeyPair(name, new Date())));
      published.set('/later', metadataOf(first?.certificate ?? ''));
      const { n } = await sso().putSaml(
        { callerId, connectionId, entityId: '', signInUrl: '', certificates: [], metadataUrl: `${origin}/later` },
        context(),
      );
      await byIdentity().recordTest({ connectionId, n, by: callerId, fresh: false }, context());
      await sso().enforce({ callerId, connectionId }, context());
      const before = await byIdentity().openConnection({ connectionId }, context());
      published.set('/later', metadataOf(second?.certificate ?? ''));
      const { pool } = harness.database('organization');
      await pool.query('DELETE FROM daily_looks WHERE subject_id = $1', [connectionId]);
      await eventually(async () => (await byIdentity().openConnection({ connectionId }, context())).enforcedN === 2);
      const after = await byIdentity().openConnection({ connectionId, n: 2 }, context());
      expect(after.saml?.provider?.certificates).toHaveLength(2);
      expect(after.saml?.privateKey).toBe(before.saml?.privateKey);
    });

    it('takes certificates alone whose keys can verify', async () => {
      const of = await acme();
      const { connectionId } = await sso().draftConnection({ ...of, name: 'Acme' }, context());
      const put = (certificate: string) =>
        sso().putSaml(
          {
            callerId: of.callerId,
            connectionId,
            entityId: 'https://login.acme.example',
            signInUrl: 'https://login.acme.example/saml',
            certificates: [certificate],
          },
          context(),
        );
      await expect(put('no certificate')).rejects.toMatchObject({
        code: 'request/invalid',
        facts: { fields: [{ pointer: '/certificates/0' }] },
      });
      await refused(put(EC_CERTIFICATE), 'request/invalid');
    });

    it('is unknown to strangers, and no member may do what owners do', async () => {
      const { connectionId, organizationId, domain } = await enforced();
      const stranger = await acme();
      const asked = { callerId: stranger.callerId, connectionId };
      await refused(sso().getConnection(asked, context()), 'connection/unknown');
      await refused(sso().turnOff(asked, context()), 'connection/unknown');
      await refused(sso().removeConnection(asked, context()), 'connection/unknown');
      await refused(sso().putOidc({ ...asked, client: oidc, clientSecret }, context()), 'connection/unknown');
      await refused(
        sso().verifyDomain({ callerId: stranger.callerId, domainId: domain.domainId }, context()),
        'domain/unknown',
      );
      await refused(sso().listConnections({ ...asked, organizationId }, context()), 'organization/unknown');
      await refused(sso().getGovernance({ ...asked, organizationId }, context()), 'organization/unknown');
      await refused(
        byIdentity().recordTest({ connectionId, n: 1, by: stranger.callerId, fresh: true }, context()),
        'organization/unknown',
      );
    });

    it('is drafted once for one wish', async () => {
      const of = await acme();
      const once = context({ commandId: randomUUID(), fingerprint: 'f' });
      const first = await sso().draftConnection({ ...of, name: 'Acme' }, once);
      expect(await sso().draftConnection({ ...of, name: 'Acme' }, once)).toEqual(first);
    });
  });

  describe('a break-glass owner', () => {
    it('must have a second factor, and stays an owner while the connection is enforced', async () => {
      const { callerId, connectionId, organizationId } = await enforced();
      const settings = { callerId, connectionId, sessionHours: 24, justInTime: false, guests: 'allowed' };
      const choose = (breakGlassAccountId = callerId) =>
        sso().putSettings({ ...settings, breakGlassAccountId }, context());
      await refused(choose(), 'single-sign-on/break-glass-needed');
      await refused(choose(NOBODY), 'single-sign-on/break-glass-needed');
      world.secured.add(callerId);
      expect((await choose()).connection?.settings).toMatchObject({ breakGlassAccountId: callerId });
      await eventually(
        async () => (await told(organizationId)).filter((name) => name === 'SingleSignOnEnforced.v1').length === 2,
      );
      const second = randomUUID();
      await joinAsOwner(organizationId, second);
      const asked = { callerId, organizationId };
      await refused(organizations().leaveOrganization(asked, context()), 'single-sign-on/break-glass-needed');
      await refused(
        organizations().changeRole(
          { callerId: second, organizationId, accountId: callerId, role: 'member' },
          context(),
        ),
        'single-sign-on/break-glass-needed',
      );
      await refused(
        organizations().removeMember({ callerId: second, id: organizationId, accountId: callerId }, context()),
        'single-sign-on/break-glass-needed',
      );
      const used = async () => (await told(organizationId)).filter((name) => name === 'BreakGlassUsed.v1').length;
      await signsIn(callerId, ['sso']);
      await signsIn(second, ['passkey']);
      await signsIn(callerId, ['password', 'totp']);
      await eventually(async () => (await used()) > 0);
      expect(await used()).toBe(1);
      await sso().turnOff({ callerId, connectionId }, context());
      expect(await organizations().leaveOrganization(asked, context())).toEqual({ enforced: true });
    });
  });

  describe('a domain', () => {
    it('is claimed as DNS writes it, and by many', async () => {
      const name = randomUUID();
      const [one, other] = [await acme(), await acme()];
      const first = await claim(one, ` BÜCHER-${name}.example. `);
      expect(first.domain).toMatch(/^xn--[a-z0-9-]+\.example$/);
      expect(first.recordName).toBe(`_rollcall.${first.domain}`);
      expect((await claim(other, first.domain)).recordValue).not.toBe(first.recordValue);
      expect(await claim(one, first.domain)).toEqual(first);
    });

    it.each([
      'gmail.com',
      'co.uk',
      'github.io',
      'localhost',
      '192.0.2.1',
      '[::1]',
      'a b.example',
      '*.acme.example',
      '',
    ])('cannot be %p', async (domain) => {
      await expect(claim(await acme(), domain)).rejects.toMatchObject({
        code: 'request/invalid',
        facts: { fields: [{ pointer: '/domain' }] },
      });
    });

    it('is verified by its own record, and says which is missing', async () => {
      const of = await acme();
      const { domainId, recordName, recordValue } = await claim(of);
      const verify = () => sso().verifyDomain({ callerId: of.callerId, domainId }, context());
      await refused(verify(), 'domain/not-proved');
      dns.answers.set(recordName, [`${recordValue}x`]);
      await expect(verify()).rejects.toMatchObject({ detail: expect.stringContaining(recordValue) as string });
      dns.answers.set(recordName, 'servfail');
      await expect(verify()).rejects.toMatchObject({ detail: expect.stringContaining('does not answer') as string });
      dns.answers.set(recordName, [recordValue]);
      expect(await verify()).toMatchObject({ enforced: true, domain: { status: 'verified' } });
    });

    it('belongs to one organization at most, also when two prove it at once', async () => {
      const [one, other] = [await acme(), await acme()];
      const ours = await claim(one);
      const theirs = await claim(other, ours.domain);
      dns.answers.set(theirs.recordName, [ours.recordValue, theirs.recordValue]);
      const both = await Promise.allSettled([
        sso().verifyDomain({ callerId: one.callerId, domainId: ours.domainId }, context()),
        sso().verifyDomain({ callerId: other.callerId, domainId: theirs.domainId }, context()),
      ]);
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'domain/taken' } });
    });

    it('is looked at daily: what is missing is told, and another who proves it after 72 hours has it, with those told who had it', async () => {
      const [one, other] = [await acme(), await acme()];
      const { domain, recordName } = await verified(one);
      const theirs = await claim(other, domain);
      const verify = () => sso().verifyDomain({ callerId: other.callerId, domainId: theirs.domainId }, context());
      dns.answers.set(recordName, 'servfail');
      harness.clock.setOffset(25 * HOUR_MS);
      await eventually(async () => looksAhead(domain, HOUR_MS));
      expect(await told(one.organizationId)).toEqual(['DomainVerified.v1']);
      dns.answers.set(recordName, [theirs.recordValue]);
      await refused(verify(), 'domain/taken');
      harness.clock.setOffset(26 * HOUR_MS);
      await eventually(async () => (await told(one.organizationId)).includes('DomainMissed.v1'));
      await refused(verify(), 'domain/taken');
      harness.clock.setOffset(99 * HOUR_MS);
      expect(await verify()).toMatchObject({ domain: { status: 'verified' } });
      await eventually(async () => (await told(one.organizationId)).includes('DomainReleased.v1'));
    });

    it('is free for others once it is released', async () => {
      const [one, other] = [await acme(), await acme()];
      const { domainId, domain } = await verified(one);
      await sso().releaseDomain({ callerId: one.callerId, domainId }, context());
      expect(await verified(other, domain)).toMatchObject({ domain });
      expect((await sso().listDomains(one, context())).items).toEqual([]);
    });
  });

  describe('an operator', () => {
    it('sees, vouches for a domain without DNS, and turns single sign-on off, each with a reason', async () => {
      const of = await acme();
      const { domainId } = await claim(of);
      const override = { id: domainId, reason: 'their DNS is not reachable from here', apply: true, now: false };
      await refused(byOperator().overrideVerifyDomain({ ...override, reason: ' ' }, context()), 'request/invalid');
      expect(await byOperator().overrideVerifyDomain({ ...override, apply: false }, context())).toMatchObject({
        status: 'claimed',
      });
      expect(await byOperator().overrideVerifyDomain(override, context())).toMatchObject({ status: 'verified' });
      const connection = await tested(of);
      await sso().enforce(connection, context());
      const { organizationId: id } = of;
      const explained = await byOperator().explainSingleSignOn({ id, reason: 'asked by its owner' }, context());
      const { items } = await byOperator().listSingleSignOn({ reason: 'asked by its owner' }, context());
      expect(items).toContainEqual(expect.objectContaining({ organizationId: id, enforced: true }));
      expect([explained.connections[0]?.status, explained.domains[0]?.status]).toEqual(['enforced', 'verified']);
      const off = (now: boolean) =>
        byOperator().overrideTurnOff({ id, reason: 'the provider is gone', apply: true, now }, context());
      expect(await off(false)).toMatchObject({ status: 'enforced', endsAt: expect.any(String) as string });
      expect((await off(true)).status).toBe('off');
    });
  });

  it('tells whom enforcing would meet, by identity', async () => {
    const connection = await tested(await acme());
    expect(await sso().previewConnection(connection, context())).toMatchObject({ heldBack: { count: 3 } });
  });

  async function joinAsOwner(organizationId: string, accountId: string) {
    const store = new PostgresEventStore(harness.database('organization').pool, {});
    const streamId = `organization-${organizationId}`;
    const past = await store.readStream(streamId);
    await store.append({
      streamId,
      expectedVersion: past.length,
      events: [{ type: 'MemberJoined', data: { accountId, role: 'owner' } }],
      cause: { at: new Date(), correlationId: randomUUID(), actor: 'account:test' },
    });
  }
});

const metadataOf = (certificate: string) =>
  `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://login.acme.example"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate.replace(/-----.*-----|\s/g, '')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://login.acme.example/saml"/></md:IDPSSODescriptor></md:EntityDescriptor>`;

/** Made once: nobody's. */
const EC_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBbzCCARWgAwIBAgIUU0BCok+0k3+wPTRy5JG1ChDsgckwCgYIKoZIzj0EAwIw
DTELMAkGA1UEAwwCZWMwHhcNMjYxMTI5MTgzNTU3WhcNMzYxMTI2MTgzNTU3WjAN
MQswCQYDVQQDDAJlYzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGI5KDfpcKZg
3+2v0FiP6k6S2wMaJ7TBRutM4/QNHOdSV4RfxR3toomOHCenMmDSjJM3+W98L539
ilJQYbUj07+jUzBRMB0GA1UdDgQWBBTh53CjbVAWi9hIbTUkntnPorenjTAfBgNV
HSMEGDAWgBTh53CjbVAWi9hIbTUkntnPorenjTAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0gAMEUCIFZoqTzJ17JEvtdY/6IxO3/KOOaDi5sw/PWlioYNwURi
AiEAzOD55J1pDERbrG3hoHwkFAjcU1jI0Ro3170tZaq3Tyw=
-----END CERTIFICATE-----`;
