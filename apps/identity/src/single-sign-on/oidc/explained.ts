import { OutboundFailed } from '#platform';
import { type ProviderRefused, ProviderUnavailable } from '../protocol.ts';
import { type OidcCheck, refused } from './checks.ts';

const BY_CLAIM: Readonly<Record<string, OidcCheck>> = {
  iss: 'issuer',
  aud: 'audience',
  azp: 'authorized-party',
  nonce: 'nonce',
  exp: 'expired',
  nbf: 'not-yet-valid',
};

/** What openid-client's errors have in common. Two causes deep stands what was judged, which must not be logged. */
interface Thrown {
  readonly code?: unknown;
  /** The `error` of RFC 6749 §5.2. */
  readonly error?: unknown;
  readonly cause?: unknown;
}

/** Which of them speak of a signature, its key or its algorithm. */
const OF_SIGNATURES = ['header', 'alg', 'algorithm'];

/** Whatever openid-client threw, in our words and without its causes: they hold tokens and people's data. Read by others' parsers, an answer may make them throw anything. */
export function explained(error: unknown): ProviderRefused | ProviderUnavailable {
  const failed = outboundFailure(error);
  if (failed) return new ProviderUnavailable(failed.message);
  const { code, error: said, cause } = Object(error) as Thrown;
  const judged = Object((Object(cause) as Thrown).cause) as { readonly claim?: string };
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
      return refused(BY_CLAIM[judged.claim ?? ''] ?? 'token');
    default:
      return refused(OF_SIGNATURES.some((name) => name in judged) ? 'signature' : 'token');
  }
}

function outboundFailure(error: unknown): OutboundFailed | undefined {
  if (error instanceof OutboundFailed) return error;
  const { cause } = Object(error) as { readonly cause?: unknown };
  return cause === undefined ? undefined : outboundFailure(cause);
}
