import { type Keycloak, type Page, selfSigned, TestBrowser } from '#testing';
import { samlProvider } from '#platform';
import type { Attempt, Connection, SamlSettings } from '../../apps/identity/src/single-sign-on/protocol.ts';
import { saml } from '../../apps/identity/src/single-sign-on/saml/saml.ts';
import { describeKeycloak, signInThere } from './keycloak.fixture.ts';

const ORIGIN = 'https://id.example.com';
/** The realm's two clients: one plain, one that is sent encrypted assertions and whose requests must be signed. */
const PLAIN = '5a3d1c6e-0b54-4b52-9d5f-3c6c1f2f7a01';
const ENCRYPTED = '5a3d1c6e-0b54-4b52-9d5f-3c6c1f2f7a02';
const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const XENC11 = 'http://www.w3.org/2009/xmlenc11#';

/** Its metadata as of now. It speaks http here, where providers speak https. */
async function providerOf({ issuer }: Keycloak) {
  const xml = await (await fetch(`${issuer}/protocol/saml/descriptor`)).text();
  const { entityId, certificates } = samlProvider(Buffer.from(xml.replaceAll(/Location="http:/g, 'Location="https:')));
  return { entityId, certificates, signInUrl: `${issuer}/protocol/saml` };
}

/** Settings of a client: how its assertions are encrypted. OAEP's hashes are SHA-256 where it says them, and SHA-1 where it cannot. */
function encryption(cipher: string, key: string) {
  const hash = key.endsWith('mgf1p') ? 'http://www.w3.org/2000/09/xmldsig#sha1' : `${XENC}sha256`;
  return {
    'saml.encryption.algorithm': cipher,
    'saml.encryption.keyAlgorithm': key,
    'saml.encryption.digestMethod': hash,
    'saml.encryption.maskGenerationFunction': `${XENC11}mgf1sha256`,
  };
}

/** What a page posts to us. */
function answerOf({ form, html }: Page) {
  const { SAMLResponse: samlResponse, RelayState: relayState } = form?.fields ?? {};
  if (samlResponse === undefined) throw new Error(`this page has no answer: ${html.slice(0, 500)}`);
  return { samlResponse, relayState, action: form?.action.href };
}

describeKeycloak('SAML with Keycloak', (keycloak) => {
  const protocol = saml(ORIGIN);
  const ours = selfSigned('id.example.com');
  let attempts = 0;
  const attempt = (anew = false): Attempt => ({
    state: `state-${++attempts}`,
    nonce: 'unused',
    verifier: 'unused',
    requestId: `_request-${attempts}`,
    beganAt: new Date(),
    anew,
  });
  const connectionOf = async (connectionId: string, changed: Partial<SamlSettings> = {}): Promise<Connection> => ({
    connectionId,
    organizationId: '6d0b7f0e-66b5-4c1e-9c3c-0f0a6a0f9b11',
    n: 1,
    oidc: undefined,
    saml: {
      ...(await providerOf(keycloak)),
      subjectAttribute: undefined,
      emailAttribute: undefined,
      ...(await ours),
      ...changed,
    },
  });

  const signIn = async (connection: Connection, username: string, asked = attempt(), browser?: TestBrowser) => {
    const there = await signInThere(keycloak, await protocol.begin(connection, asked), username, browser);
    const { samlResponse, relayState, action } = answerOf(there.page);
    expect(relayState).toBe(asked.state);
    expect(action).toBe(`${ORIGIN}/sso/${connection.connectionId}/acs`);
    return {
      ...there,
      asked,
      samlResponse,
      answer: (now = new Date()) => finish(connection, asked, samlResponse, now),
    };
  };
  const finish = (connection: Connection, asked: Attempt, samlResponse: string, now = new Date()) =>
    protocol.finish(connection, asked, { query: undefined, samlResponse }, now);

  const set = (connectionId: string, attributes: Readonly<Record<string, string>>) =>
    keycloak.setClient(`${ORIGIN}/sso/${connectionId}`, attributes);

  it('tells who signed in', async () => {
    const { answer } = await signIn(await connectionOf(PLAIN), 'ada');
    expect(await answer()).toEqual({
      subject: expect.stringMatching(
        /^\["name-id","urn:oasis:names:tc:SAML:2\.0:nameid-format:persistent","","","G-/,
      ) as string,
      email: 'ada@acme.example',
      emailVerified: false,
      name: undefined,
      authenticatedAt: expect.any(Date) as Date,
      endsAt: expect.any(Date) as Date,
      providerSession: expect.any(String) as string,
      assertionId: expect.stringMatching(/^ID_/) as string,
    });
  });

  it('tells who signed in where the assertion alone is signed, as Entra does it', async () => {
    await set(PLAIN, { 'saml.server.signature': 'false' });
    const { answer } = await signIn(await connectionOf(PLAIN), 'ada');
    expect(await answer()).toMatchObject({ email: 'ada@acme.example' });
    await set(PLAIN, { 'saml.server.signature': 'true' });
  });

  it('refuses an answer in which the Response alone is signed', async () => {
    await set(PLAIN, { 'saml.assertion.signature': 'false' });
    const { answer } = await signIn(await connectionOf(PLAIN), 'ada');
    await expect(answer()).rejects.toMatchObject({ check: 'unsigned' });
    await set(PLAIN, { 'saml.assertion.signature': 'true' });
  });

  it('knows the person again, and nobody else by that name', async () => {
    const connection = await connectionOf(PLAIN);
    const subjectOf = async (username: string) => (await (await signIn(connection, username)).answer()).subject;
    expect(await subjectOf('ada')).toBe(await subjectOf('ada'));
    expect(await subjectOf('ada')).not.toBe(await subjectOf('grace'));
  });

  it('takes an answer for its own attempt and connection alone', async () => {
    const connection = await connectionOf(PLAIN);
    const { samlResponse, asked } = await signIn(connection, 'ada');
    await expect(finish(connection, attempt(), samlResponse)).rejects.toMatchObject({ check: 'in-response-to' });
    const other = await connectionOf(ENCRYPTED);
    await expect(finish(other, asked, samlResponse)).rejects.toMatchObject({ check: 'destination' });
  });

  it('takes an answer for as long as it is young', async () => {
    const { answer } = await signIn(await connectionOf(PLAIN), 'ada');
    await expect(answer(new Date(Date.now() + 420_000))).rejects.toMatchObject({ check: 'expired' });
  });

  it('lets nobody in whom the provider has disabled', async () => {
    await keycloak.setUser('eve', { enabled: false });
    const location = await protocol.begin(await connectionOf(PLAIN), attempt());
    const { page } = await signInThere(keycloak, location, 'eve');
    expect(page.form?.fields['SAMLResponse']).toBeUndefined();
    expect(page.html).toContain('Account is disabled');
  });

  it('has somebody sign in anew, and sees whether they did', async () => {
    const connection = await connectionOf(PLAIN);
    const { browser } = await signIn(connection, 'ada');
    const [usual, anew] = [attempt(), attempt(true)];
    const { samlResponse } = answerOf(await browser.open(await protocol.begin(connection, usual)));
    expect((await finish(connection, usual, samlResponse)).email).toBe('ada@acme.example');
    // Keycloak knew her. To an attempt of two minutes later that is no sign-in of its own.
    const later = { ...usual, anew: true, beganAt: new Date(Date.now() + 120_000) };
    await expect(finish(connection, later, samlResponse)).rejects.toMatchObject({ check: 'not-fresh' });
    const { answer } = await signIn(connection, 'ada', anew, browser);
    expect((await answer()).authenticatedAt?.getTime()).toBeGreaterThan(anew.beganAt.getTime() - 1_000);
  });

  describe('that encrypts', () => {
    beforeAll(async () => {
      const certificate = (await ours).certificate.replaceAll(/-----[^-]+-----|\s/g, '');
      await set(ENCRYPTED, { 'saml.encryption.certificate': certificate, 'saml.signing.certificate': certificate });
    });

    it.each<[string, Readonly<Record<string, string>>]>([
      ['as it does by default', {}],
      ['by AES-256-GCM and OAEP with SHA-256', encryption(`${XENC11}aes256-gcm`, `${XENC11}rsa-oaep`)],
      ['by AES-128-GCM and OAEP with SHA-1', encryption(`${XENC11}aes128-gcm`, `${XENC}rsa-oaep-mgf1p`)],
      ['by CBC in a signed Response', encryption(`${XENC}aes256-cbc`, `${XENC}rsa-oaep-mgf1p`)],
    ])('tells who signed in, %s', async (_story, attributes) => {
      await set(ENCRYPTED, attributes);
      const { answer, samlResponse } = await signIn(await connectionOf(ENCRYPTED), 'ada');
      expect(Buffer.from(samlResponse, 'base64').toString()).toContain('EncryptedAssertion');
      expect(await answer()).toMatchObject({ email: 'ada@acme.example' });
    });

    it('refuses CBC where the Response is not signed, and RSA 1.5 anyhow', async () => {
      const checked = async (attributes: Readonly<Record<string, string>>) => {
        await set(ENCRYPTED, attributes);
        const { answer } = await signIn(await connectionOf(ENCRYPTED), 'ada');
        await expect(answer()).rejects.toMatchObject({ check: 'encryption' });
      };
      await checked({ ...encryption(`${XENC}aes256-cbc`, `${XENC}rsa-oaep-mgf1p`), 'saml.server.signature': 'false' });
      await checked({ ...encryption(`${XENC11}aes256-gcm`, `${XENC}rsa-1_5`), 'saml.server.signature': 'true' });
    });

    it('is asked by our signature, or says nothing', async () => {
      const { privateKey } = await selfSigned('stranger.example');
      const location = await protocol.begin(await connectionOf(ENCRYPTED, { privateKey }), attempt());
      const page = await new TestBrowser(keycloak.origin).open(location);
      expect(page.html).toContain('Invalid requester');
    });
  });

  // The last: from here on it signs by another key.
  it('takes a signature by a new key once its certificate is trusted beside the old', async () => {
    const before = await connectionOf(PLAIN);
    await keycloak.admin('POST', '/components', {
      name: 'newer',
      providerId: 'rsa-generated',
      providerType: 'org.keycloak.keys.KeyProvider',
      config: { priority: ['200'], algorithm: ['RS256'] },
    });
    const { answer, samlResponse, asked } = await signIn(before, 'ada');
    await expect(answer()).rejects.toMatchObject({ check: 'signature' });
    const after = await connectionOf(PLAIN);
    expect(after.saml?.certificates).toHaveLength(2);
    expect(after.saml?.certificates).toContain(before.saml?.certificates[0]);
    expect(await finish(after, asked, samlResponse)).toMatchObject({ email: 'ada@acme.example' });
  });
});
