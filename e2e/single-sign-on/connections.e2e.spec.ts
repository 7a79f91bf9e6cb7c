import { dnsServer, type DnsServer, eventually, Product, type SignedUp } from '#testing';

const OIDC = { issuer: 'https://login.acme.example', clientId: 'rollcall', clientSecret: 'a secret of the client' };
const SETTINGS = { sessionHours: 8, justInTime: true, guests: 'none', breakGlassAccountId: null };

describe('connections and domains of an organization', () => {
  let dns: DnsServer;
  let product: Product;
  let ada: SignedUp;
  let at: string;
  beforeAll(async () => {
    dns = await dnsServer();
    product = await Product.start({ SSO_DNS_SERVERS: dns.address });
    ada = await product.signUp('ada@example.com');
    at = `/v1/organizations/${ada.organizationId}`;
  });
  afterAll(async () => {
    await product.dispose();
    await dns.stop();
  });
  const refused = (status: number, code: string) => ({ status, body: { code } });

  it('are set up by owners: what the provider is to be told is said, and no secret comes out', async () => {
    const { visitor, accountId } = ada;
    const { status, body: draft } = await visitor.post(`${at}/connections`, { name: 'Acme login' });
    expect([status, draft.status, draft.configuration]).toEqual([201, 'draft', 0]);
    const entityId = `${product.origin}/sso/${draft.id as string}`;
    expect(draft.addresses).toMatchObject({ entityId, callback: `${entityId}/callback`, acs: `${entityId}/acs` });
    const on = `/v1/connections/${draft.id as string}`;
    const configured = await visitor.put(`${on}/oidc`, OIDC);
    expect(configured).toMatchObject({
      status: 200,
      body: { configuration: 1, oidc: { issuer: OIDC.issuer, clientAuthentication: 'client_secret_basic' } },
    });
    expect(JSON.stringify(configured.body)).not.toContain(OIDC.clientSecret);
    expect(await visitor.put(`${on}/oidc`, { ...OIDC, issuer: 'http://login.acme.example' })).toMatchObject(
      refused(400, 'request/invalid'),
    );
    expect(await visitor.put(`${on}/oidc`, { ...OIDC, issuer: 'https://login.acme.example/?x' })).toMatchObject(
      refused(400, 'request/invalid'),
    );
    expect(await visitor.post(`${on}/enforce`)).toMatchObject(refused(409, 'connection/not-tested'));
    expect((await visitor.put(`${on}/settings`, SETTINGS)).body).toMatchObject({
      settings: { sessionHours: 8, justInTime: { accountId }, guests: 'none', breakGlassAccountId: null },
    });
    expect(await visitor.put(`${on}/settings`, { ...SETTINGS, breakGlassAccountId: accountId })).toMatchObject(
      refused(409, 'single-sign-on/break-glass-needed'),
    );
    expect((await visitor.get(`${at}/connections`)).body.items).toHaveLength(1);
    expect((await visitor.get(`${at}/governance`)).body).toMatchObject({ connection: null, domains: [] });
  });

  it('are proved by DNS, and the record tells of it', async () => {
    const { visitor } = ada;
    expect(await visitor.post(`${at}/domains`, { domain: 'gmail.com' })).toMatchObject(refused(400, 'request/invalid'));
    const { status, body: claim } = await visitor.post(`${at}/domains`, { domain: 'Acme.Example' });
    expect([status, claim.domain, claim.status]).toEqual([201, 'acme.example', 'claimed']);
    const on = `/v1/domains/${claim.id as string}`;
    expect(await visitor.post(`${on}/verify`)).toMatchObject(refused(409, 'domain/not-proved'));
    dns.answers.set(claim.record.name, [claim.record.value]);
    expect((await visitor.post(`${on}/verify`)).body).toMatchObject({ status: 'verified', missingSince: null });
    await eventually(
      () => visitor.get(`/v1/events?organizationId=${ada.organizationId}&types=DomainVerified.v1`),
      ({ body }) => body.items[0]?.data.domain === 'acme.example',
    );
    const { code, stdout } = await product.rollcall(
      'sso',
      'explain',
      ada.organizationId,
      '--reason',
      'a test',
      '--output',
      'json',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('"domain": "acme.example"');
  });

  it('cannot be turned off by an operator where none is enforced', async () => {
    const { code, stderr } = await product.rollcall('sso', 'off', ada.organizationId);
    expect([code, stderr]).toEqual([3, expect.stringContaining('No connection') as string]);
  });
});
