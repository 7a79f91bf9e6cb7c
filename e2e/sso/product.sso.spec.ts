import { samlProvider } from '#platform';
import { type Answer, eventually, PASSWORD, Product, type SignedUp, tokenIn, type Visitor } from '#testing';
import { describeKeycloak, signInThere } from './keycloak.fixture.ts';

const DOMAIN = 'acme.example';

describeKeycloak('the whole product with Keycloak', (keycloak) => {
  let product: Product;
  let ada: SignedUp;
  let bob: SignedUp;
  beforeAll(async () => {
    product = await Product.start({ SSO_PRIVATE_HOSTS: keycloak.host });
    ada = await product.signUp(`ada@${DOMAIN}`);
    bob = await product.signUp(`bob@${DOMAIN}`, 'Bob');
    await keycloak.admin('POST', '/users', {
      username: 'bob',
      firstName: 'Bob',
      lastName: 'Builder',
      email: `bob@${DOMAIN}`,
      emailVerified: true,
      enabled: true,
      credentials: [{ type: 'password', value: PASSWORD }],
    });
    const { body: organization } = await made(ada.visitor.post('/v1/organizations', { name: 'Acme' }));
    at = `/v1/organizations/${organization.id as string}`;
    await made(ada.visitor.post(`${at}/invitations`, { email: `bob@${DOMAIN}` }));
    const token = tokenIn(await product.mail(`bob@${DOMAIN}`, /invit/i));
    await made(bob.visitor.post('/v1/invitations/accept', { token }));
  });
  afterAll(() => product.dispose());
  let at = '';
  let connectionId = '';

  const made = async (asked: Promise<Answer>, status?: number): Promise<Answer> => {
    const answer = await asked;
    if (status === undefined ? answer.status >= 300 : answer.status !== status)
      throw new Error(`came ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer;
  };
  const draft = async (name: string): Promise<string> =>
    (await made(ada.visitor.post(`${at}/connections`, { name }))).body.id as string;

  /** What a browser with these cookies is answered once its person has signed in at the provider, whose page it leaves for ours. */
  async function comeBack(visitor: Visitor, username: string, asked: Record<string, string>): Promise<Answer> {
    const { body } = await made(visitor.post('/v1/single-sign-on/start', asked), 200);
    const { page } = await signInThere(keycloak, new URL(body.location as string), username);
    const { SAMLResponse: samlResponse, RelayState: relayState = '' } = page.form?.fields ?? {};
    if (samlResponse !== undefined) {
      expect(page.form?.action.href).toBe(`${product.origin}/sso/${connectionId}/acs`);
      return visitor.post('/v1/single-sign-on/finish', { connectionId, samlResponse, relayState });
    }
    if (page.url.origin !== product.origin) return { status: 0, headers: new Headers(), body: page.html };
    expect(page.url.pathname).toBe(`/sso/${connectionId}/callback`);
    return visitor.post('/v1/single-sign-on/finish', { connectionId, query: page.url.search.slice(1) });
  }

  /** In by the address alone, and by the link that was mailed to it. */
  async function bound(username: string): Promise<Visitor> {
    const [visitor, email] = [product.visitor(), `${username}@${DOMAIN}`];
    const before = (await product.visitor().get(`/dev/mail?to=${encodeURIComponent(email)}`)).body.items
      .length as number;
    expect((await comeBack(visitor, username, { email })).body).toMatchObject({ next: 'mail' });
    const { body } = await eventually(
      () => product.visitor().get(`/dev/mail?to=${encodeURIComponent(email)}`),
      (answer) => answer.body.items.length > before && /#token=/.test(answer.body.items.at(-1).text as string),
    );
    await made(visitor.post('/v1/single-sign-on/bind', { token: tokenIn(body.items.at(-1)) }), 201);
    return visitor;
  }

  const account = (visitor: Visitor) => visitor.get('/v1/account');

  async function enforce() {
    const tested = await comeBack(ada.visitor, 'ada', { connectionId, purpose: 'test' });
    expect([tested.status, tested.body]).toMatchObject([200, { next: 'tested', email: `ada@${DOMAIN}`, fresh: true }]);
    expect((await made(ada.visitor.post(`/v1/connections/${connectionId}/enforce`), 200)).body).toMatchObject({
      status: 'enforced',
      enforced: true,
    });
  }

  it('has a domain, by the word of an operator', async () => {
    const { body: claim } = await made(ada.visitor.post(`${at}/domains`, { domain: DOMAIN }));
    const proved = await product.rollcall('sso', 'verify-domain', claim.id as string, '--apply', '--reason', 'a test');
    expect(proved).toMatchObject({ code: 0 });
  });

  it('is tested and enforced by an owner, and shuts passwords out from then on', async () => {
    connectionId = await draft('Keycloak');
    await setClient({
      redirectUris: [`${product.origin}/sso/*`],
      attributes: { 'backchannel.logout.url': `${product.origin}/sso/${connectionId}/logout` },
    });
    const oidc = { issuer: keycloak.issuer, clientId: 'rollcall', clientSecret: 'a secret: with % and +' };
    await made(ada.visitor.put(`/v1/connections/${connectionId}/oidc`, oidc));
    await enforce();
    expect((await account(bob.visitor)).status).toBe(401);
    const { status, body } = await product
      .visitor()
      .post('/v1/sessions', { email: `bob@${DOMAIN}`, password: PASSWORD });
    expect([status, body.code]).toEqual([409, 'sign-in/single-sign-on']);
  });

  it('lets a member in by the mailed link, once, and by the provider alone afterwards', async () => {
    expect((await account(await bound('bob'))).body).toMatchObject({ id: bob.accountId });
    const again = product.visitor();
    expect((await comeBack(again, 'bob', { email: `bob@${DOMAIN}` })).status).toBe(201);
    bob = { ...bob, visitor: again };
    ada = { ...ada, visitor: await bound('ada') };
  });

  it('has the person proved by signing in anew', async () => {
    const proved = await comeBack(bob.visitor, 'bob', { connectionId, purpose: 'prove' });
    expect([proved.status, proved.body]).toMatchObject([200, { next: 'proved' }]);
    expect((await account(bob.visitor)).status).toBe(200);
    const other = await comeBack(bob.visitor, 'ada', { connectionId, purpose: 'prove' });
    expect([other.status, other.body.code]).toEqual([401, 'sign-in/provider-refused']);
  });

  it('goes on when the provider signs by another key', async () => {
    await keycloak.admin('POST', '/components', {
      name: 'newer',
      providerId: 'rsa-generated',
      providerType: 'org.keycloak.keys.KeyProvider',
      config: { priority: ['200'], algorithm: ['RS256'] },
    });
    expect((await comeBack(bob.visitor, 'bob', { email: `bob@${DOMAIN}` })).status).toBe(201);
  });

  it('ends the session that the provider ends', async () => {
    expect((await account(bob.visitor)).status).toBe(200);
    const { id } = await userOf('bob');
    // Each by itself: told to end all of a person, Keycloak tells of one.
    const sessions = (await keycloak.admin('GET', `/users/${id}/sessions`)) as { id: string }[];
    for (const session of sessions) await keycloak.admin('DELETE', `/sessions/${session.id}`);
    await eventually(
      () => account(bob.visitor),
      ({ status }) => status === 401,
    );
    expect((await account(ada.visitor)).status).toBe(200);
  });

  it('lets nobody in whom the provider has disabled', async () => {
    await keycloak.setUser('bob', { enabled: false });
    expect((await comeBack(product.visitor(), 'bob', { email: `bob@${DOMAIN}` })).body).toContain(
      'Account is disabled',
    );
    await keycloak.setUser('bob', { enabled: true });
  });

  it('is replaced by a SAML connection, whose assertions are encrypted', async () => {
    connectionId = await draft('Keycloak, SAML');
    const on = `/v1/connections/${connectionId}`;
    const xml = await (await fetch(`${keycloak.issuer}/protocol/saml/descriptor`)).text();
    const { entityId, certificates } = samlProvider(Buffer.from(xml.replaceAll('Location="http:', 'Location="https:')));
    const provider = { entityId, certificates, signInUrl: `${keycloak.issuer}/protocol/saml` };
    const { body: configured } = await made(ada.visitor.put(`${on}/saml`, provider));
    const certificate = (configured.saml.certificate as string).replaceAll(/-----[^-]+-----|\s/g, '');
    const encrypting = (await clients()).find(
      ({ attributes }) => (attributes as Record<string, string>)['saml.encrypt'] === 'true',
    );
    const { id: _, clientId: __, ...like } = encrypting ?? {};
    await keycloak.admin('POST', '/clients', {
      ...like,
      clientId: `${product.origin}/sso/${connectionId}`,
      redirectUris: [`${product.origin}/sso/${connectionId}/acs`],
      protocolMappers: (like['protocolMappers'] as { id: string }[]).map(({ id: ___, ...mapper }) => mapper),
      attributes: {
        ...(like['attributes'] as object),
        'saml_assertion_consumer_url_post': `${product.origin}/sso/${connectionId}/acs`,
        'saml.encryption.certificate': certificate,
        'saml.signing.certificate': certificate,
      },
    });
    await enforce();
    expect((await account(ada.visitor)).status).toBe(401);
    const visitor = await bound('bob');
    expect((await account(visitor)).body).toMatchObject({ id: bob.accountId });
    const proved = await comeBack(visitor, 'bob', { connectionId, purpose: 'prove' });
    expect([proved.status, proved.body]).toMatchObject([200, { next: 'proved' }]);
    expect((await comeBack(product.visitor(), 'bob', { connectionId })).status).toBe(201);
  });

  const clients = async () => (await keycloak.admin('GET', '/clients')) as Record<string, unknown>[];
  const userOf = async (username: string) => {
    const [user] = (await keycloak.admin('GET', `/users?exact=true&username=${username}`)) as { id: string }[];
    return { id: user?.id ?? '' };
  };
  async function setClient(changed: { redirectUris: string[]; attributes: Record<string, string> }) {
    const client = (await clients()).find(({ clientId }) => clientId === 'rollcall') ?? {};
    await keycloak.admin('PUT', `/clients/${client['id'] as string}`, {
      ...client,
      ...changed,
      attributes: { ...(client['attributes'] as object), ...changed.attributes },
    });
  }
});
