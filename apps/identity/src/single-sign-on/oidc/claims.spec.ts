import type { IDToken } from 'openid-client';
import type { Attempt, OidcSettings } from '../protocol.ts';
import { judgeClaims, vouchedBy } from './claims.ts';

const NOW = new Date('2026-11-29T12:00:00Z');
const at = (seconds: number) => NOW.getTime() / 1_000 + seconds;
const settings: OidcSettings = {
  issuer: 'https://idp.example',
  clientId: 'rollcall',
  clientSecret: 'secret',
  clientAuthentication: 'client_secret_basic',
};
const token = (claims: Partial<IDToken>): IDToken => ({
  iss: 'https://idp.example',
  aud: 'rollcall',
  sub: 'ada-1815',
  iat: at(0),
  exp: at(300),
  ...claims,
});
/** It began ten seconds ago. */
const attempt = (anew: boolean): Attempt => ({
  state: 's',
  nonce: 'n',
  verifier: 'v',
  requestId: 'r',
  beganAt: new Date(NOW.getTime() - 10_000),
  anew,
});
const check = (claims: Partial<IDToken>, anew = false): unknown => {
  try {
    judgeClaims(token(claims), settings, attempt(anew), NOW);
    return 'taken';
  } catch (error) {
    return (error as { check?: unknown }).check;
  }
};

describe('claims of an ID token', () => {
  it.each([
    [-601, 'issued-at'],
    [-600, 'taken'],
    [600, 'taken'],
    [601, 'issued-at'],
  ])('are of these ten minutes: issued %i s from now', (seconds, outcome) => {
    expect(check({ iat: at(seconds) })).toBe(outcome);
  });

  it.each([
    [-71, 'not-fresh'],
    [-70, 'taken'],
    [60, 'taken'],
    [61, 'not-fresh'],
  ])('prove a new sign-in since it was asked for, a minute between clocks: %i s from now', (seconds, outcome) => {
    expect(check({ auth_time: at(seconds) }, true)).toBe(outcome);
  });

  it('may be of an old session where none was asked to be new', () => {
    expect(check({ auth_time: at(-86_400) })).toBe('taken');
  });

  it.each([
    [at(-5), new Date(NOW.getTime() - 5_000)],
    [undefined, undefined],
    [1e300, undefined],
  ])('tell when somebody signed in there: %s', (seconds, told) => {
    const claims = token(seconds === undefined ? {} : { auth_time: seconds });
    expect(vouchedBy(claims, claims).authenticatedAt).toEqual(told);
  });

  it.each([undefined, null, ''])('have no address where they say %p', (email) => {
    const claims = token({ email });
    expect(vouchedBy(claims, claims)).toMatchObject({ email: undefined, emailVerified: false });
  });
});
