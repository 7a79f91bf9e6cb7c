/** A person as the provider vouches for them: every check of the protocol has passed. Its instants are the real clock's, which providers go by. */
export interface Vouched {
  /** Whoever it is, there and for ever: OIDC's `sub`; SAML's NameID with format and qualifiers, or the chosen attribute. */
  readonly subject: string;
  readonly email: string | undefined;
  /** Whether the provider says that it has verified the address; where it says nothing (Entra, SAML) only mail proves it. Who says that it has not is refused. */
  readonly emailVerified: boolean;
  readonly name: string | undefined;
  /** When the person last signed in there, where the provider tells. */
  readonly authenticatedAt: Date | undefined;
  /** SAML's SessionNotOnOrAfter. */
  readonly endsAt: Date | undefined;
  /** The provider's own session: OIDC's `sid`. */
  readonly providerSession: string | undefined;
  /** SAML: the assertion's id, which may be used once. */
  readonly assertionId: string | undefined;
}
