import { ProviderRefused } from '../protocol.ts';

/** Which check of OpenID Connect an answer did not pass: for the owners of the organization. */
export const OIDC_CHECKS = {
  'answer': 'The browser brought no code, or a parameter twice.',
  'issuer':
    'It is by another issuer than the provider of this connection, or does not say by whom although the provider always does.',
  'state': 'It answers another sign-in.',
  'denied': 'The provider says that the sign-in did not succeed.',
  'code': 'The provider does not take the code: it was used, came late, or is of another sign-in.',
  'client': 'The provider does not take the client id and secret, or not by this method.',
  'token': 'The token is missing or malformed, or lacks a claim that each must have.',
  'signature': 'No key that the provider publishes verifies it, or it is signed by an algorithm that is not taken.',
  'audience': 'It is not for us, or for others as well.',
  'authorized-party': 'It was issued to another client.',
  'nonce': 'It is of another sign-in; a logout token has none.',
  'expired': 'It has ended.',
  'not-yet-valid': 'It begins in the future by our clock.',
  'issued-at': 'It was issued more than ten minutes ago, or in the future by our clock.',
  'subject': 'It names nobody: a subject has 1 to 255 ASCII characters.',
  'email': 'The address is none that mail can be sent to.',
  'email-verified': 'The provider says that it has not verified the address.',
  'not-fresh': 'The person was to sign in anew, and nothing proves that they did.',
  'user-info': 'User info is about another person, or cannot be read.',
  'events': 'It is no token of a logout.',
} as const;

export type OidcCheck = keyof typeof OIDC_CHECKS;

/** An answer that did not pass `check`. No cause: what a library says of it holds tokens and people's data. */
export const refused = (check: OidcCheck): ProviderRefused => new ProviderRefused(check);
