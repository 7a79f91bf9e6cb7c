import type { JSONWebKeySet, JWTPayload } from 'jose';
import { z } from 'zod';
import { CLOCKS_APART_S, ISSUED_WITHIN_S } from './claims.ts';
import { type OidcCheck, refused } from './checks.ts';

/** RFC 8725 §3.1: what is signed with the provider's own key, and nothing that a client secret makes. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout';

/** Whose sessions the provider has ended: that one (`sid`), else all of the subject. */
export interface EndedThere {
  /** To be taken once. */
  readonly jti: string;
  readonly sub: string | undefined;
  readonly sid: string | undefined;
}

const text = z.string().regex(/^[\x20-\x7e]{1,255}$/);
const named = z.object({ jti: text, sub: text.optional(), sid: text.optional() });

/**
 * Judges a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6).
 * @param expected.keys as the provider has them now
 * @throws ProviderRefused
 */
export async function judgeLogoutToken(
  token: string,
  expected: { readonly issuer: string; readonly clientId: string; readonly keys: JSONWebKeySet },
  now: Date,
): Promise<EndedThere> {
  const claims = await verified(token, expected, now);
  // An ID token has a nonce: taken for a logout token, each would sign its owner out.
  if (claims.nonce !== undefined) throw refused('nonce');
  if (!z.object({ [LOGOUT]: z.object() }).safeParse(claims.events).success) throw refused('events');
  const { data } = named.safeParse(claims);
  if (!data) throw refused('token');
  if (data.sub === undefined && data.sid === undefined) throw refused('subject');
  return { jti: data.jti, sub: data.sub, sid: data.sid };
}

async function verified(
  token: string,
  { issuer, clientId, keys }: { readonly issuer: string; readonly clientId: string; readonly keys: JSONWebKeySet },
  now: Date,
): Promise<JWTPayload> {
  const { createLocalJWKSet, jwtVerify } = await import('jose');
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      issuer,
      audience: clientId,
      algorithms: ALGORITHMS,
      typ: 'logout+jwt',
      currentDate: now,
      clockTolerance: CLOCKS_APART_S,
      maxTokenAge: ISSUED_WITHIN_S,
    });
    return payload;
  } catch (error) {
    throw refused(checkOf(error as { readonly code?: unknown; readonly claim?: unknown }));
  }
}

const BY_CLAIM: Readonly<Record<string, OidcCheck>> = {
  iss: 'issuer',
  aud: 'audience',
  exp: 'expired',
  nbf: 'not-yet-valid',
  iat: 'issued-at',
};

/** jose names the claim; what is wrong before any claim is the signature's. */
function checkOf({ code, claim }: { readonly code?: unknown; readonly claim?: unknown }): OidcCheck {
  if (typeof claim === 'string') return BY_CLAIM[claim] ?? 'token';
  return code === 'ERR_JWT_INVALID' || code === 'ERR_JWS_INVALID' ? 'token' : 'signature';
}
