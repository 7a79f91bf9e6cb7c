import { OutboundFailed } from '#platform';
import { ProviderRefused, ProviderUnavailable } from '../protocol.ts';

/**
 * The checks of OpenID Connect, as owners read them:
 * - of the browser's answer: `answer` (no code, or something twice), `state`, `issuer` (also the token's), `denied` (the provider says no);
 * - of the exchange: `code` (spent, late, another's), `client` (id, secret or their method are wrong);
 * - of the ID token: `token` (missing or malformed), `signature` (algorithm, key or signature), `audience`, `authorized-party`, `nonce`,
 *   `expired`, `not-yet-valid`, `issued-at`, `subject`, `email`, `email-verified`, `not-fresh`;
 * - `user-info`: what is said there is another's, or malformed;
 * - of a logout token, beside those of its claims: `events` (it is none of a logout).
 */
export type OidcCheck =
  | 'answer'
  | 'state'
  | 'issuer'
  | 'denied'
  | 'code'
  | 'client'
  | 'token'
  | 'signature'
  | 'audience'
  | 'authorized-party'
  | 'nonce'
  | 'expired'
  | 'not-yet-valid'
  | 'issued-at'
  | 'subject'
  | 'email'
  | 'email-verified'
  | 'not-fresh'
  | 'user-info'
  | 'events';

export const refused = (check: OidcCheck): ProviderRefused => new ProviderRefused(check);

const BY_CLAIM: Readonly<Record<string, OidcCheck>> = {
  iss: 'issuer',
  aud: 'audience',
  azp: 'authorized-party',
  nonce: 'nonce',
  exp: 'expired',
  nbf: 'not-yet-valid',
};

/** What openid-client's errors have in common: which check it was stands two causes deep, beside what must not be logged. */
interface Thrown {
  readonly code?: unknown;
  /** The `error` of RFC 6749 §5.2. */
  readonly error?: unknown;
  readonly cause?: {
    readonly cause?: { readonly claim?: string; readonly header?: unknown; readonly signature?: unknown };
  };
}

/** Whatever openid-client threw, in our words and without its causes: they hold tokens and people's data. Read by others' parsers, an answer may make them throw anything. */
export function explained(error: unknown): ProviderRefused | ProviderUnavailable {
  const failed = outboundFailure(error);
  if (failed) return new ProviderUnavailable(failed.message);
  const { code, error: said, cause } = error as Thrown;
  const details = cause?.cause ?? {};
  switch (code) {
    case 'OAUTH_TIMEOUT':
    case 'OAUTH_RESPONSE_IS_NOT_CONFORM':
    case 'OAUTH_RESPONSE_IS_NOT_JSON':
      return new ProviderUnavailable('the provider answered as no OpenID provider does');
    case 'OAUTH_RESPONSE_BODY_ERROR':
      return refused(said === 'invalid_client' || said === 'unauthorized_client' ? 'client' : 'code');
    case 'OAUTH_WWW_AUTHENTICATE_CHALLENGE':
      return refused('client');
    case 'OAUTH_JWT_CLAIM_COMPARISON_FAILED':
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
      return refused(BY_CLAIM[details.claim ?? ''] ?? 'token');
    case 'OAUTH_KEY_SELECTION_FAILED':
    case 'OAUTH_UNSUPPORTED_OPERATION':
      return refused('signature');
    default:
      return refused('header' in details || 'signature' in details ? 'signature' : 'token');
  }
}

function outboundFailure(error: unknown): OutboundFailed | undefined {
  if (error instanceof OutboundFailed) return error;
  return error instanceof Error ? outboundFailure(error.cause) : undefined;
}
