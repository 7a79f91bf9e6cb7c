/** What a browser's authenticators answer, as the API takes it (WebAuthn L3 §5.1). */
type Answered = Record<string, unknown> & { id: string; response: Record<string, unknown> };

/** Whether this browser can speak to authenticators at all. */
export const hasPasskeys: boolean =
  'PublicKeyCredential' in globalThis && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

const answered = (credential: Credential | null) => {
  if (!(credential instanceof PublicKeyCredential)) throw new Error('no credential');
  return credential.toJSON() as unknown as Answered;
};

/** Asks for one of the passkeys that fit. @throws DOMException when the person gives up. */
export const showPasskey = async (options: object, more: Omit<CredentialRequestOptions, 'publicKey'> = {}) =>
  answered(
    await navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON),
      ...more,
    }),
  );

/** Has a new passkey made. @throws DOMException when the person gives up. */
export const makePasskey = async (options: object) =>
  answered(
    await navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON),
    }),
  );

/** Whether somebody gave up, rather than that something went wrong. */
export const isGivenUp = (error: unknown): boolean =>
  error instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(error.name);
