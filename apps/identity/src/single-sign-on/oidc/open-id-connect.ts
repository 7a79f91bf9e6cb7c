import type { Outbound } from '#platform';
import type { Configuration, CustomFetch, IDToken, UserInfoResponse } from 'openid-client';
import {
  type Answer,
  type Attempt,
  type Connection,
  type OidcSettings,
  type Protocol,
  ProviderUnavailable,
  type Vouched,
} from '../protocol.ts';
import { refused } from './checks.ts';
import { CLOCKS_APART_S, judgeClaims, vouchedBy } from './claims.ts';
import { Discovery, type ProviderMetadata } from './discovery.ts';
import { type EndedThere, judgeLogoutToken } from './logout-token.ts';
import { explained } from './explained.ts';

/** OpenID Connect 1.0: the authorization code flow with PKCE, state and nonce. */
export class OpenIdConnect implements Protocol {
  private readonly discovery: Discovery;

  /** @param origin where people meet the installation */
  constructor(
    private readonly origin: string,
    private readonly outbound: Outbound,
  ) {
    this.discovery = new Discovery(outbound);
  }

  async begin(connection: Connection, attempt: Attempt): Promise<URL> {
    const client = await library();
    const settings = settingsOf(connection);
    const metadata = await this.discovery.of(settings.issuer, attempt.beganAt);
    return client.buildAuthorizationUrl(this.configured(client, settings, metadata, attempt.beganAt), {
      redirect_uri: this.callback(connection).href,
      scope: 'openid email profile',
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
      ...(attempt.anew && { prompt: 'login', max_age: '0' }),
    });
  }

  async finish(connection: Connection, attempt: Attempt, answer: Answer, now: Date): Promise<Vouched> {
    const client = await library();
    const settings = settingsOf(connection);
    const metadata = await this.discovery.of(settings.issuer, now);
    const callback = this.callback(connection);
    callback.search = answer.query ?? '';
    judgeAnswer(callback.searchParams, metadata, attempt);
    const config = this.configured(client, settings, metadata, now);
    const { claims, accessToken } = await exchanged(client, config, callback, attempt);
    judgeClaims(claims, settings, attempt, now);
    const isAsked = !claims.email && metadata.userinfo_endpoint !== undefined;
    return vouchedBy(claims, isAsked ? await userInfo(client, config, accessToken, claims.sub) : claims);
  }

  /** Whose sessions the provider says that it has ended, by the token of its back channel. @throws ProviderRefused, ProviderUnavailable */
  async endedThere(connection: Connection, logoutToken: string, now: Date): Promise<EndedThere> {
    const { issuer: configured, clientId } = settingsOf(connection);
    const { issuer, jwks_uri } = await this.discovery.of(configured, now);
    const keys = await this.discovery.keys(jwks_uri);
    return judgeLogoutToken(logoutToken, { issuer, clientId, keys }, now);
  }

  /** One for each connection: an answer that is meant for another provider's cannot be handed to this one. */
  private callback({ connectionId }: Connection): URL {
    return new URL(`${this.origin}/sso/${connectionId}/callback`);
  }

  /** Made anew each time: with a kept one a key that the provider has changed is looked for in the old set, and the code is spent. */
  private configured(client: Client, settings: OidcSettings, metadata: ProviderMetadata, now: Date): Configuration {
    const { clientId, clientSecret, clientAuthentication } = settings;
    const authentication = {
      client_secret_basic: client.ClientSecretBasic,
      client_secret_post: client.ClientSecretPost,
    }[clientAuthentication](clientSecret);
    // Set on the configuration itself, the tolerance would have no effect.
    const times = {
      [client.clockTolerance]: CLOCKS_APART_S,
      [client.clockSkew]: Math.round((now.getTime() - Date.now()) / 1_000),
    };
    const config = new client.Configuration(metadata, clientId, times, authentication);
    config[client.customFetch] = this.outbound.fetch as CustomFetch;
    // Without it the library believes any ID token that came over TLS, also one without a signature.
    client.enableNonRepudiationChecks(config);
    // Plain http is for hosts that the operator has named: the outbound fetch judges that, for the library as for us.
    client.allowInsecureRequests(config);
    return config;
  }
}

/** What the browser brought. The library looks at it once more, and tells less of what was wrong. @throws ProviderRefused */
function judgeAnswer(query: URLSearchParams, metadata: ProviderMetadata, { state }: Attempt): void {
  for (const name of ['iss', 'state', 'error', 'code']) if (query.getAll(name).length > 1) throw refused('answer');
  const issuer = query.get('iss');
  // First: another provider's answer is not even believed in what it says went wrong (RFC 9207 §2.4).
  if (issuer === null ? metadata.authorization_response_iss_parameter_supported === true : issuer !== metadata.issuer)
    throw refused('issuer');
  if (query.get('state') !== state) throw refused('state');
  if (query.has('error')) throw refused('denied');
  if (!query.get('code')) throw refused('answer');
}

/** @throws ProviderRefused, ProviderUnavailable */
async function exchanged(client: Client, config: Configuration, callback: URL, attempt: Attempt) {
  try {
    const tokens = await client.authorizationCodeGrant(config, callback, {
      expectedState: attempt.state,
      expectedNonce: attempt.nonce,
      pkceCodeVerifier: attempt.verifier,
      idTokenExpected: true,
    });
    return { claims: tokens.claims() as IDToken, accessToken: tokens.access_token };
  } catch (error) {
    throw explained(error);
  }
}

/** Some providers say the address there alone. @throws ProviderRefused, ProviderUnavailable */
async function userInfo(
  client: Client,
  config: Configuration,
  accessToken: string,
  subject: string,
): Promise<UserInfoResponse> {
  try {
    return await client.fetchUserInfo(config, accessToken, subject);
  } catch (error) {
    const why = explained(error);
    throw why instanceof ProviderUnavailable ? why : refused('user-info');
  }
}

function settingsOf({ connectionId, oidc }: Connection): OidcSettings {
  if (!oidc) throw new Error(`connection ${connectionId} is none of OpenID Connect`);
  return oidc;
}

// At first use: an installation without single sign-on never needs it.
const library = () => import('openid-client');
type Client = Awaited<ReturnType<typeof library>>;
