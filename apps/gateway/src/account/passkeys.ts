import type { AnswerOf, BodyOf, identity, routes } from '#contracts';

/** What a browser asks its authenticators for. */
export const passkeyOptions = ({ options }: identity.PasskeyOptions) =>
  JSON.parse(options) as AnswerOf<typeof routes.askPasskey>;

/** An authenticator's answer, for the origin at which it was asked for: that of this gateway. */
export const passkeyProof = (
  response: BodyOf<typeof routes.signInByPasskey>['response'],
  { origin }: { readonly origin: string },
): identity.Proof => ({ passkey: JSON.stringify(response), origin });
