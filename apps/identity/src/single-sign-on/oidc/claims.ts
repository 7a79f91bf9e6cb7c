import { shapes } from '#contracts';
import type { IDToken, UserInfoResponse } from 'openid-client';
import type { Attempt, OidcSettings, Vouched } from '../protocol.ts';
import { refused } from './checks.ts';

/** How old a token may be, and how far in the future by a clock that is wrong. */
export const ISSUED_WITHIN_S = 600;
/** Between the provider's clock and ours. */
export const CLOCKS_APART_S = 60;

const seconds = (date: Date) => date.getTime() / 1_000;

/** What the library leaves unjudged in an ID token whose signature is good. @throws ProviderRefused */
export function judgeClaims(claims: IDToken, { clientId }: OidcSettings, attempt: Attempt, now: Date): void {
  // OpenID Connect Core §2: 255 ASCII characters at most. An empty one would be one person for all.
  if (!/^[\x20-\x7e]{1,255}$/.test(claims.sub)) throw refused('subject');
  if (claims.azp !== undefined && claims.azp !== clientId) throw refused('authorized-party');
  if (Math.abs(seconds(now) - claims.iat) > ISSUED_WITHIN_S) throw refused('issued-at');
  if (attempt.anew && !isBetween(claims.auth_time, attempt.beganAt, now)) throw refused('not-fresh');
}

/** A provider that was asked to sign somebody in anew may have taken the session that it had. */
const isBetween = (at: number | undefined, began: Date, now: Date) =>
  at !== undefined && at >= seconds(began) - CLOCKS_APART_S && at <= seconds(now) + CLOCKS_APART_S;

/** @param person the ID token, or what user info says where that has no address. @throws ProviderRefused */
export function vouchedBy(claims: IDToken, person: IDToken | UserInfoResponse): Vouched {
  // Said to be unverified, it may be anybody's. Where nothing is said (Entra), only mail proves the address.
  if (person.email_verified !== undefined && person.email_verified !== true) throw refused('email-verified');
  return {
    subject: claims.sub,
    email: emailOf(person.email),
    emailVerified: person.email_verified === true,
    name: shapes.name.safeParse(person.name).data,
    authenticatedAt: claims.auth_time === undefined ? undefined : dateOf(claims.auth_time),
    endsAt: undefined,
    providerSession: sessionOf(claims.sid),
    assertionId: undefined,
  };
}

function emailOf(stated: unknown): string | undefined {
  if (stated === undefined || stated === null || stated === '') return undefined;
  const email = shapes.email.safeParse(stated);
  if (!email.success) throw refused('email');
  return email.data;
}

/** The provider's word for its session, to be found again when it ends that. */
const sessionOf = (stated: unknown) =>
  typeof stated === 'string' && /^[\x20-\x7e]{1,255}$/.test(stated) ? stated : undefined;

/** Milliseconds in place of seconds are no time that a Date can hold for ever. */
const dateOf = (at: number): Date | undefined => {
  const date = new Date(at * 1_000);
  return Number.isNaN(date.getTime()) ? undefined : date;
};
