import { api, Refusal } from '../api/client.ts';
import { hasPasskeys, showPasskey } from '../context/passkeys.ts';
import type { Step } from './enter.ts';

const PATHS = {
  first: ['/v1/sessions/passkey/options', '/v1/sessions/passkey'],
  second: ['/v1/sessions/half/passkey/options', '/v1/sessions/half/passkey'],
} as const;

/** Proves by a passkey. @returns undefined when none was shown: it was closed, taken back, or there is none here. */
export async function byPasskey(
  which: keyof typeof PATHS,
  more: CredentialRequestOptions = {},
): Promise<Step | undefined> {
  const [asking, answering] = PATHS[which];
  const options = await api.post(asking, { body: {} });
  const response = await shown(options, more);
  if (!response) return undefined;
  try {
    return await api.post(answering, { body: { response } });
  } catch (error) {
    // One that is known here no more: the browser's own list lets go of it.
    if (error instanceof Refusal && error.problem.unknownCredential)
      await PublicKeyCredential.signalUnknownCredential?.({ rpId: location.hostname, credentialId: response.id });
    throw error;
  }
}

async function shown(options: object, more: CredentialRequestOptions) {
  try {
    return await showPasskey(options, more);
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

/** Whether the browser can offer passkeys in the field of the address. */
export const canOffer = async (): Promise<boolean> =>
  hasPasskeys && (await PublicKeyCredential.isConditionalMediationAvailable?.()) === true;
