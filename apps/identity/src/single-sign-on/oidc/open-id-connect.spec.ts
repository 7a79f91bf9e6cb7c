import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { Outbound } from '#platform';
import { LyingProvider, providerKey, type ProviderLies } from '#testing';
import { type Attempt, type Connection, ProviderRefused, ProviderUnavailable } from '../protocol.ts';
import { OpenIdConnect } from './open-id-connect.ts';

const METADATA = '/.well-known/openid-configuration';
const ORIGIN = 'https://id.example.com';
const stranger = providerKey();
const strangerJwk = { ...stranger.publicKey.export({ format: 'jwk' }), kid: stranger.kid };
const weakKeys = generateKeyPairSync('rsa', { modulusLength: 1024 });
const weak = { jwk: { ...weakKeys.publicKey.export({ format: 'jwk' }) }, key: weakKeys.privateKey };
const fromNow = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;

describe('OpenID Connect', () => {
  let provider: LyingProvider;
  let outbound: Outbound;
  let protocol: OpenIdConnect;
  let connection: Connection;

  beforeEach(async () => {
    provider = await LyingProvider.start();
    outbound = new Outbound({ privateHosts: provider.host });
    protocol = new OpenIdConnect(ORIGIN, outbound);
    connection = connectionOf({});
  });

  afterEach(async () => {
    await outbound.close();
    await provider.close();
  });

  const connectionOf = (oidc: Partial<Connection['oidc']>): Connection => ({
    connectionId: '2f1c7a52-7c2c-4b39-8a51-1d5c0a4d5f10',
    organizationId: '6d0b7f0e-66b5-4c1e-9c3c-0f0a6a0f9b11',
    n: 1,
    oidc: { issuer: provider.issuer, ...LyingProvider.CLIENT, clientAuthentication: 'client_secret_basic', ...oidc },
    saml: undefined,
  });

  const attempt = (changed: Partial<Attempt> = {}): Attempt => ({
    state: 'state-of-this-attempt',
    nonce: 'nonce-of-this-attempt',
    verifier: 'verifier-of-this-attempt-which-has-43-characters',
    requestId: 'unused',
    beganAt: new Date(),
    anew: false,
    ...changed,
  });

  const finish = (query: string, asked = attempt(), of = connection) =>
    protocol.finish(of, asked, { query, samlResponse: undefined }, new Date());

  /** A whole sign-in. The provider lies once the browser is there. */
  const signIn = async (lies: ProviderLies = {}, asked = attempt(), of = connection) => {
    const location = await protocol.begin(of, asked);
    provider.lies = lies;
    return finish(provider.signIn(location), asked, of);
  };

  /** Which check refused it; what the provider said is in no error. */
  const refusal = (answer: Promise<unknown>): Promise<string> =>
    answer.then(
      () => 'taken',
      (error: unknown) => {
        expect((error as Error).cause).toBeUndefined();
        if (error instanceof ProviderRefused) return error.check;
        if (error instanceof ProviderUnavailable) return 'unavailable';
        throw error;
      },
    );

  it('sends the browser there with PKCE, state and nonce, and a callback of the connection', async () => {
    const location = await protocol.begin(connection, attempt());
    expect(`${location.origin}${location.pathname}`).toBe(`${provider.issuer}/authorize`);
    expect(Object.fromEntries(location.searchParams)).toEqual({
      client_id: 'rollcall',
      response_type: 'code',
      redirect_uri: `${ORIGIN}/sso/${connection.connectionId}/callback`,
      scope: 'openid email profile',
      state: 'state-of-this-attempt',
      nonce: 'nonce-of-this-attempt',
      code_challenge: createHash('sha256').update(attempt().verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
  });

  it.each(['client_secret_basic', 'client_secret_post'] as const)('tells who vouched for whom (%s)', async (way) => {
    expect(await signIn({}, attempt(), connectionOf({ clientAuthentication: way }))).toEqual({
      subject: 'ada-1815',
      email: 'ada@acme.example',
      emailVerified: true,
      name: 'Ada Lovelace',
      authenticatedAt: expect.any(Date) as Date,
      endsAt: undefined,
      providerSession: 'session-1',
      assertionId: undefined,
    });
  });

  it.each<[string, ProviderLies, string]>([
    ['no algorithm', { header: { alg: 'none' }, signature: () => Buffer.alloc(0) }, 'signature'],
    [
      'HMAC with the client secret',
      { header: { alg: 'HS256' }, signature: hmacBy(() => LyingProvider.CLIENT.clientSecret) },
      'signature',
    ],
    ['HMAC with the public key', { header: { alg: 'HS256' }, signature: hmacBy(publicPem) }, 'signature'],
    ['a signature by a stranger', { signature: byStranger }, 'signature'],
    ["a stranger's key by name", { header: { kid: stranger.kid }, signature: byStranger }, 'signature'],
    [
      'a key in its own header',
      { header: { kid: undefined, jwk: stranger.publicKey.export({ format: 'jwk' }) }, signature: byStranger },
      'signature',
    ],
    [
      'an address of keys in its own header',
      { header: { jku: 'https://evil.example/jwks' }, signature: byStranger },
      'signature',
    ],
    ['no signature', { signature: () => Buffer.alloc(0) }, 'signature'],
    ['a certificate in its own header', { header: { x5c: ['MIIB'] }, signature: byStranger }, 'signature'],
    ['an extension that must be understood', { header: { crit: ['b64'], b64: false } }, 'signature'],
    [
      'a key too short',
      { at: { '/jwks': json({ keys: [{ ...weak.jwk, use: 'sig' }] }) }, signature: byWeak },
      'signature',
    ],
    [
      'a key that is not for signatures',
      { at: { '/jwks': json({ keys: [{ ...strangerJwk, use: 'enc' }] }) }, signature: byStranger },
      'signature',
    ],
    [
      'two keys of one name',
      {
        at: { '/jwks': json({ keys: [strangerJwk, strangerJwk] }) },
        header: { kid: stranger.kid },
        signature: byStranger,
      },
      'signature',
    ],
    ['no keys', { at: { '/jwks': json({ keys: [] }) } }, 'signature'],
    ['keys that are none', { at: { '/jwks': json({ keys: [null, 5] }) } }, 'token'],
    ['another issuer', { claims: { iss: 'https://evil.example' } }, 'issuer'],
    ['no issuer', { claims: { iss: undefined } }, 'token'],
    ['another audience', { claims: { aud: 'another' } }, 'audience'],
    ['an audience beside ours', { claims: { aud: ['rollcall', 'another'] } }, 'audience'],
    ['no audience', { claims: { aud: undefined } }, 'token'],
    ['another party', { claims: { azp: 'another' } }, 'authorized-party'],
    [
      'another party of two audiences',
      { claims: { aud: ['rollcall', 'another'], azp: 'another' } },
      'authorized-party',
    ],
    ['another nonce', { claims: { nonce: 'another' } }, 'nonce'],
    ['no nonce', { claims: { nonce: undefined } }, 'token'],
    ['a time that is over', { claims: { exp: fromNow(-61) } }, 'expired'],
    ['no end', { claims: { exp: undefined } }, 'token'],
    ['a time that has not begun', { claims: { nbf: fromNow(90) } }, 'not-yet-valid'],
    ['the day before', { claims: { iat: fromNow(-86_400) } }, 'issued-at'],
    ['the day after', { claims: { iat: fromNow(86_400) } }, 'issued-at'],
    ['nobody', { claims: { sub: '' } }, 'subject'],
    ['no subject', { claims: { sub: undefined } }, 'token'],
    ['a number for a subject', { claims: { sub: 1815 } }, 'token'],
    ['a subject too long', { claims: { sub: 'a'.repeat(256) } }, 'subject'],
    ['a subject with a NUL', { claims: { sub: 'ada\u0000' } }, 'subject'],
    ['an address that is not verified', { claims: { email_verified: false } }, 'email-verified'],
    ['"false" for verified', { claims: { email_verified: 'false' } }, 'email-verified'],
    ['"true" for verified', { claims: { email_verified: 'true' } }, 'email-verified'],
    ['an address that is none', { claims: { email: 'ada@acme.example, eve@evil.example' } }, 'email'],
    ['several addresses', { claims: { email: ['ada@acme.example'] } }, 'email'],
    ['user info of somebody else', { claims: { email: undefined }, userInfo: { sub: 'eve' } }, 'user-info'],
    ['user info of nobody', { claims: { email: undefined }, userInfo: { sub: undefined } }, 'user-info'],
    [
      'unverified in user info',
      { claims: { email: undefined }, userInfo: { email_verified: false } },
      'email-verified',
    ],
    ['no token', { at: { '/token': json({ access_token: 'access', token_type: 'Bearer' }) } }, 'token'],
    [
      'a token that is none',
      { at: { '/token': json({ access_token: 'a', token_type: 'Bearer', id_token: 'a.b.c' }) } },
      'token',
    ],
    [
      'an encrypted token',
      { at: { '/token': json({ access_token: 'a', token_type: 'Bearer', id_token: 'e30.a.b.c.d' }) } },
      'token',
    ],
    [
      'a token for another scheme',
      { at: { '/token': json({ access_token: 'a', token_type: 'mac', id_token: 'a.b.c' }) } },
      'token',
    ],
    [
      'a token of one part',
      { at: { '/token': json({ access_token: 'a', token_type: 'Bearer', id_token: 'a' }) } },
      'token',
    ],
    ['a list for an answer', { at: { '/token': json([]) } }, 'token'],
    ['JSON without end', { at: { '/token': json('['.repeat(100_000)) } }, 'token'],
    [
      'a header in a token',
      {
        claims: { email: undefined },
        at: { '/token': json({ access_token: 'a\r\nx: y', token_type: 'Bearer', id_token: 'a.b.c' }) },
      },
      'token',
    ],
    ['a server error', { at: { '/token': (_request, response) => response.writeHead(500).end() } }, 'unavailable'],
    ['a page for a token', { at: { '/token': (_request, response) => response.end('<html>') } }, 'unavailable'],
    [
      'a redirect for a token',
      { at: { '/token': (_request, response) => response.writeHead(307, { location: '/elsewhere' }).end() } },
      'unavailable',
    ],
    ['keys without end', { at: { '/jwks': json({ keys: 'x'.repeat(1_000_001) }) } }, 'unavailable'],
    ['a foreign answer', { answer: { iss: 'https://evil.example' } }, 'issuer'],
    ['an answer of nobody', { answer: { iss: undefined } }, 'issuer'],
    ['a foreign state', { answer: { state: 'another' } }, 'state'],
    ['no state', { answer: { state: undefined } }, 'state'],
    ['no', { answer: { code: undefined, error: 'access_denied' } }, 'denied'],
    ['no code', { answer: { code: undefined } }, 'answer'],
    ['a code of its own making', { answer: { code: 'made-up' } }, 'code'],
  ])('refuses what a lying provider says: %s', async (_what, lies, check) => {
    expect(await refusal(signIn(lies))).toBe(check);
  });

  it.each<[string, ProviderLies, object]>([
    ['an authorized party that is us', { claims: { azp: 'rollcall' } }, {}],
    ['an audience in a list', { claims: { aud: ['rollcall'] } }, {}],
    ['a minute between the clocks', { claims: { exp: fromNow(-30), nbf: fromNow(30) } }, {}],
    ['a subject of 255 characters', { claims: { sub: 'a'.repeat(255) } }, { subject: 'a'.repeat(255) }],
    ['an address of which nothing else is said', { claims: { email_verified: undefined } }, { emailVerified: false }],
    ['the address in user info', { claims: { email: undefined } }, { email: 'ada@acme.example', emailVerified: true }],
    ['an empty one beside it', { claims: { email: '' } }, { email: 'ada@acme.example', emailVerified: true }],
    ['no address at all', { claims: { email: undefined }, userInfo: { email: undefined } }, { email: undefined }],
    ['a name that cannot be shown', { claims: { name: '\u202e' } }, { name: undefined }],
    ['a session that is no text', { claims: { sid: 5 } }, { providerSession: undefined }],
  ])('takes what is right: %s', async (_what, lies, told) => {
    expect(await signIn(lies)).toMatchObject(told);
  });

  it.each<[string, ProviderLies]>([
    ['another issuer', { metadata: { issuer: 'https://evil.example' } }],
    ['50 MB', { at: { [METADATA]: (_request, response) => response.end(Buffer.alloc(50_000_000, ' ')) } }],
    ['a redirect', { at: { [METADATA]: (_request, response) => response.writeHead(302, { location: '/' }).end() } }],
    ['no JSON', { at: { [METADATA]: (_request, response) => response.end('<html>') } }],
    ['no keys', { metadata: { jwks_uri: undefined } }],
    ...['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'userinfo_endpoint'].flatMap((endpoint) =>
      ['https://169.254.169.254/latest', 'http://id.example.com/', 'javascript:alert(1)'].map(
        (url): [string, ProviderLies] => [`${endpoint} at ${url}`, { metadata: { [endpoint]: url } }],
      ),
    ),
  ])('goes nowhere where a provider describes itself by %s', async (_what, lies) => {
    provider.lies = lies;
    expect(await refusal(protocol.begin(connection, attempt()))).toBe('unavailable');
    expect(provider.asked).toEqual([METADATA]);
  });

  it.each<[string, ProviderLies]>([
    ['none', { header: { alg: 'none' }, signature: () => Buffer.alloc(0) }],
    ['HS256', { header: { alg: 'HS256' }, signature: hmacBy(() => LyingProvider.CLIENT.clientSecret) }],
    ['HS256', { header: { alg: 'HS256' }, signature: hmacBy(publicPem) }],
  ])(
    'refuses a signature that everybody or we can make, also where the provider announces it: %s',
    async (_alg, lies) => {
      provider.lies = { metadata: { id_token_signing_alg_values_supported: ['none', 'HS256', 'RS256'] } };
      expect(await refusal(signIn(lies))).toBe('signature');
    },
  );

  it('says that a provider cannot be reached', async () => {
    await provider.close();
    expect(await refusal(protocol.begin(connection, attempt()))).toBe('unavailable');
    provider = await LyingProvider.start();
  });

  it('says why a provider cannot be used', async () => {
    const why = async (lies: ProviderLies) => {
      provider.lies = lies;
      const unavailable: unknown = await protocol.begin(connection, attempt()).catch((error: unknown) => error);
      return (unavailable as Error).message;
    };
    expect(await why({ metadata: { issuer: 'https://evil.example' } })).toBe(
      'the provider says that it is another issuer',
    );
    expect(await why({ metadata: { issuer: 'no URL' } })).toBe('the provider says that it is another issuer');
    expect(await why({ metadata: { token_endpoint: 5 } })).toMatch(/^the provider does not describe itself/);
    expect(await why({ metadata: { jwks_uri: 'https://10.0.0.1/jwks' } })).toMatch(
      /^10\.0\.0\.1 is not asked: it leads to/,
    );
  });

  it('knows an issuer with and without the slash of its root', async () => {
    expect(await signIn({}, attempt(), connectionOf({ issuer: `${provider.issuer}/` }))).toMatchObject({
      subject: 'ada-1815',
    });
  });

  it('needs no issuer in an answer where the provider does not promise one', async () => {
    provider.lies = { metadata: { authorization_response_iss_parameter_supported: undefined } };
    expect(await signIn({ answer: { iss: undefined } })).toMatchObject({ subject: 'ada-1815' });
  });

  it('takes a signature by a new key at once, and asks for the metadata once in ten minutes', async () => {
    await signIn();
    provider.key = providerKey();
    await signIn();
    expect(provider.asked.filter((path) => path === METADATA)).toHaveLength(1);
    await protocol.begin(connection, attempt({ beganAt: new Date(Date.now() + 601_000) }));
    expect(provider.asked.filter((path) => path === METADATA)).toHaveLength(2);
  });

  it('takes a code once, for its own attempt', async () => {
    const query = provider.signIn(await protocol.begin(connection, attempt()));
    await finish(query);
    expect(await refusal(finish(query))).toBe('code');
    const other = provider.signIn(await protocol.begin(connection, attempt()));
    expect(await refusal(finish(other, attempt({ verifier: 'x'.repeat(43) })))).toBe('code');
  });

  it('refuses an answer that says a thing twice', async () => {
    const query = provider.signIn(await protocol.begin(connection, attempt()));
    for (const name of ['iss', 'state', 'code', 'error'])
      expect(await refusal(finish(`${query}&${name}=x&${name}=y`))).toBe('answer');
  });

  it('says that the client secret is wrong', async () => {
    expect(await refusal(signIn({}, attempt(), connectionOf({ clientSecret: 'old' })))).toBe('client');
    const unauthorized = { at: { '/token': json({ error: 'unauthorized_client' }, 400) } };
    expect(await refusal(signIn(unauthorized))).toBe('client');
    const challenging = { at: { '/token': challenge } };
    expect(await refusal(signIn(challenging))).toBe('client');
  });

  describe('asked to sign somebody in anew', () => {
    it('asks the provider for it', async () => {
      const { searchParams } = await protocol.begin(connection, attempt({ anew: true }));
      expect([searchParams.get('prompt'), searchParams.get('max_age')]).toEqual(['login', '0']);
    });

    it.each<[string, number | undefined, string]>([
      ['just now', 0, 'taken'],
      ['a minute before, by another clock', -59, 'taken'],
      ['before that', -62, 'not-fresh'],
      ['in the future', 120, 'not-fresh'],
      ['nobody says when', undefined, 'not-fresh'],
    ])('takes the answer only where they did: %s', async (_when, ago, check) => {
      const claims = { auth_time: ago === undefined ? undefined : fromNow(ago) };
      expect(await refusal(signIn({ claims }, attempt({ anew: true })))).toBe(check);
    });
  });

  function hmacBy(key: () => string) {
    return (signed: string) => createHmac('sha256', key()).update(signed).digest();
  }
  function publicPem(): string {
    return provider.key.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  }
});

function byWeak(signed: string): Buffer {
  return sign('sha256', Buffer.from(signed), weak.key);
}

function byStranger(signed: string): Buffer {
  return sign('sha256', Buffer.from(signed), stranger.privateKey);
}

type Told = NonNullable<ProviderLies['at']>[string];
function json(body: unknown, status = 200): Told {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
}
function challenge(...[, response]: Parameters<Told>): void {
  response.writeHead(401, { 'www-authenticate': 'Basic realm="acme"' }).end();
}
