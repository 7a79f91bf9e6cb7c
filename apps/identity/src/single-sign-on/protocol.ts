import type { Vouched } from '../governance/vouched.ts';

/** What both protocols have in common, as the rest of identity sees them: where to send a browser, and what its answer proves. */
export type { Vouched };

/** A connection as of its n-th configuration, with its secrets: kept in memory per (connection, n). */
export interface Connection {
  readonly connectionId: string;
  readonly organizationId: string;
  readonly n: number;
  readonly oidc: OidcSettings | undefined;
  readonly saml: SamlSettings | undefined;
}

/** One client of an OpenID provider. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post';
}

/** One SAML 2.0 identity provider, and what we are to it. */
export interface SamlSettings {
  /** The provider's entity id, and where its sign-in is asked for by Redirect. */
  readonly entityId: string;
  readonly signInUrl: string;
  /** Pinned signing certificates, PEM: 1 to 5, RSA of 2,048 bits or more. */
  readonly certificates: readonly string[];
  /** An immutable attribute that names the person; undefined: the NameID does. */
  readonly subjectAttribute: string | undefined;
  /** The attribute with the address; undefined: the usual names, then a NameID of the address format. */
  readonly emailAttribute: string | undefined;
  /** Ours for this connection: it signs requests and opens encrypted assertions. PEM. */
  readonly privateKey: string;
  readonly certificate: string;
}

/** One sign-in on its way through the provider. All of it is ours: nothing of it comes from the browser. */
export interface Attempt {
  /** OAuth's `state`, SAML's `RelayState`. */
  readonly state: string;
  readonly nonce: string;
  /** PKCE's verifier (RFC 7636). */
  readonly verifier: string;
  /** The id of SAML's AuthnRequest: an NCName. */
  readonly requestId: string;
  readonly beganAt: Date;
  /** The person must sign in there anew, and the answer must prove that they did. */
  readonly anew: boolean;
}

/** What the browser brought back: the callback's query (OpenID Connect), or the form of the assertion consumer service (SAML). */
export interface Answer {
  readonly query: string | undefined;
  readonly samlResponse: string | undefined;
}

/** A protocol. Every request it makes goes through the guarded fetch. */
export interface Protocol {
  /** Where the browser goes. @throws ProviderUnavailable */
  begin(connection: Connection, attempt: Attempt): Promise<URL>;
  /** What the answer proves. @throws ProviderRefused, ProviderUnavailable */
  finish(connection: Connection, attempt: Attempt, answer: Answer, now: Date): Promise<Vouched>;
}

/** The answer proves nothing. `check`: which check did not pass, for the organization's owners; strangers hear one sentence. */
export class ProviderRefused extends Error {
  constructor(
    readonly check: string,
    options?: ErrorOptions,
  ) {
    super(`the provider's answer is refused: ${check}`, options);
  }
}

/** The provider did not answer, or what it said of itself cannot be used. */
export class ProviderUnavailable extends Error {}
