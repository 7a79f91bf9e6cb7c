import { sign } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Outbound } from '#platform';
import { LyingProvider, providerKey, type ProviderLies } from '#testing';
import { type Connection, ProviderRefused, ProviderUnavailable } from '../protocol.ts';
import { judgeLogoutToken } from './logout-token.ts';
import { OpenIdConnect } from './open-id-connect.ts';

const stranger = providerKey();
const NOW = new Date();
const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };
const fromNow = (seconds: number) => Math.floor(NOW.getTime() / 1_000) + seconds;

describe('a logout token of a provider', () => {
  let provider: LyingProvider;
  let outbound: Outbound;

  beforeEach(async () => {
    provider = await LyingProvider.start();
    outbound = new Outbound({ privateHosts: provider.host });
  });

  afterEach(async () => {
    await outbound.close();
    await provider.close();
  });

  const judged = (lies: ProviderLies) => {
    provider.lies = lies;
    const connection: Connection = {
      connectionId: '2f1c7a52-7c2c-4b39-8a51-1d5c0a4d5f10',
      organizationId: '6d0b7f0e-66b5-4c1e-9c3c-0f0a6a0f9b11',
      n: 1,
      oidc: { issuer: provider.issuer, ...LyingProvider.CLIENT, clientAuthentication: 'client_secret_basic' },
      saml: undefined,
    };
    const claims = {
      iat: fromNow(0),
      exp: fromNow(120),
      jti: 'once',
      sub: 'ada-1815',
      sid: 'session-1',
      events: EVENTS,
    };
    return new OpenIdConnect('https://id.example.com', outbound).endedThere(
      connection,
      provider.token(claims, { typ: 'logout+jwt' }),
      NOW,
    );
  };

  it.each<[string, ProviderLies, object]>([
    ['one session', {}, { jti: 'once', sub: 'ada-1815', sid: 'session-1' }],
    ['all of a subject', { claims: { sid: undefined } }, { jti: 'once', sub: 'ada-1815', sid: undefined }],
    ['a session of nobody by name', { claims: { sub: undefined } }, { jti: 'once', sub: undefined, sid: 'session-1' }],
    ['without an end', { claims: { exp: undefined } }, { jti: 'once', sub: 'ada-1815', sid: 'session-1' }],
    [
      'its type in full',
      { header: { typ: 'application/logout+jwt' } },
      { jti: 'once', sub: 'ada-1815', sid: 'session-1' },
    ],
  ])('says whose sessions are over: %s', async (_what, lies, told) => {
    expect(await judged(lies)).toEqual(told);
  });

  it.each<[string, ProviderLies, string]>([
    ['no algorithm', { header: { alg: 'none' }, signature: () => Buffer.alloc(0) }, 'signature'],
    ['HMAC', { header: { alg: 'HS256' } }, 'signature'],
    ['a signature by a stranger', { signature: byStranger }, 'signature'],
    ["a stranger's key by name", { header: { kid: stranger.kid }, signature: byStranger }, 'signature'],
    [
      'a key in its own header',
      { header: { jwk: stranger.publicKey.export({ format: 'jwk' }) }, signature: byStranger },
      'signature',
    ],
    ['an ID token', { header: { typ: 'JWT' } }, 'token'],
    ['no type', { header: { typ: undefined } }, 'token'],
    ['another issuer', { claims: { iss: 'https://evil.example' } }, 'issuer'],
    ['another audience', { claims: { aud: 'another' } }, 'audience'],
    ['no audience', { claims: { aud: undefined } }, 'audience'],
    ['the day before', { claims: { iat: fromNow(-86_400), exp: undefined } }, 'issued-at'],
    ['the day after', { claims: { iat: fromNow(86_400) } }, 'issued-at'],
    ['no time', { claims: { iat: undefined } }, 'issued-at'],
    ['a time that is over', { claims: { exp: fromNow(-61) } }, 'expired'],
    ['a time that has not begun', { claims: { nbf: fromNow(61) } }, 'not-yet-valid'],
    ['claims that are none', { claims: { exp: 'soon' } }, 'expired'],
    ['a nonce', { claims: { nonce: 'n' } }, 'nonce'],
    ['no events', { claims: { events: undefined } }, 'events'],
    ['another event', { claims: { events: { 'http://schemas.openid.net/event/other': {} } } }, 'events'],
    ['an event that is no object', { claims: { events: { [Object.keys(EVENTS)[0] ?? '']: true } } }, 'events'],
    ['events that are a list', { claims: { events: Object.keys(EVENTS) } }, 'events'],
    ['no id', { claims: { jti: undefined } }, 'token'],
    ['an empty id', { claims: { jti: '' } }, 'token'],
    ['nobody', { claims: { sub: undefined, sid: undefined } }, 'subject'],
    ['an empty subject', { claims: { sub: '' } }, 'token'],
    ['a subject that is a list', { claims: { sub: ['ada-1815'] } }, 'token'],
    ['no keys', { at: { '/jwks': (_request, response) => response.end('{}') } }, 'unavailable'],
  ])('is refused where it is none: %s', async (_what, lies, check) => {
    const why = judged(lies).then(
      () => 'taken',
      (error: unknown) =>
        error instanceof ProviderRefused ? error.check : error instanceof ProviderUnavailable ? 'unavailable' : error,
    );
    expect(await why).toBe(check);
  });

  it.each(['', 'a.b', 'a.b.c', 'a.b.c.d.e', 'x'.repeat(100_000)])('is no token: %.9s', async (text) => {
    const expected = { issuer: 'https://idp.example', clientId: 'rollcall', keys: { keys: [] } };
    await expect(judgeLogoutToken(text, expected, NOW)).rejects.toMatchObject({ check: 'token' });
  });

  it.each(['PS256', 'ES256', 'EdDSA'])('is taken by a key for %s', async (alg) => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const keys = [{ ...(await exportJWK(publicKey)), kid: 'k', alg }];
    const claims = { jti: 'once', sub: 'ada-1815', events: EVENTS };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg, kid: 'k', typ: 'logout+jwt' })
      .setIssuer('https://idp.example')
      .setAudience('rollcall')
      .setIssuedAt(NOW)
      .sign(privateKey);
    const expected = { issuer: 'https://idp.example', clientId: 'rollcall', keys: { keys } };
    expect(await judgeLogoutToken(token, expected, NOW)).toMatchObject({ jti: 'once', sub: 'ada-1815' });
  });

  it('is taken by a key that the provider has changed', async () => {
    await judged({});
    provider.key = providerKey();
    expect(await judged({})).toMatchObject({ jti: 'once' });
  });
});

function byStranger(signed: string): Buffer {
  return sign('sha256', Buffer.from(signed), stranger.privateKey);
}
