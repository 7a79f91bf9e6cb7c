import { type Answer, api, Refusal } from '../api/client.ts';
import type { Step } from './enter.ts';

/** As `toJSON()` of a browser's credential gives it. */
interface Shown {
  [name: string]: unknown;
  id: string;
  response: Record<string, unknown>;
}
type Options = Answer<'POST', '/v1/sessions/passkey/options'>;

/** Whether this browser has authenticators that can be asked. */
export const hasPasskeys =
  'PublicKeyCredential' in window && typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function';

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

async function shown(options: Options, more: CredentialRequestOptions) {
  try {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const it = await navigator.credentials.get({ publicKey, ...more });
    return it instanceof PublicKeyCredential ? (it.toJSON() as unknown as Shown) : undefined;
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

/** Whether the browser can offer passkeys in the field of the address. */
export const canOffer = async (): Promise<boolean> =>
  hasPasskeys && (await PublicKeyCredential.isConditionalMediationAvailable?.()) === true;
