import { ProviderRefused } from '../protocol.ts';

/** Which check of SAML an answer did not pass, in the order of judging: for the owners of the organization. */
export const SAML_CHECKS = {
  'size': 'It is longer than 350 kB of base64, or empty.',
  'base64': 'It is not base64 as the POST binding has it.',
  'markup':
    'It is not UTF-8, not well-formed, or has a document type, comment, CDATA, processing instruction or entity, or more than 2,000 elements.',
  'response': 'It is no SAML 2.0 Response, such as a message of logout.',
  'denied': 'The provider says that the sign-in did not succeed.',
  'assertions': 'It has not exactly one assertion, as a child of the Response.',
  'ids': 'An id is missing or stands twice.',
  'signature-place': 'A signature stands elsewhere than on the Response or the assertion, or twice.',
  'signature-form': 'A signature has not the one form that is verified: one reference to its parent, nothing beside.',
  'algorithm': 'It is signed by another algorithm than RSA with SHA-256 or SHA-512, or transformed otherwise.',
  'destination': 'It was sent to another address than ours.',
  'issuer': 'It is by another entity than the provider of this connection.',
  'in-response-to': 'It answers another request than that of this sign-in, or none.',
  'encryption': 'The assertion cannot be opened, or is encrypted in a way that is not.',
  'unsigned': 'The assertion itself is not signed.',
  'confirmation': 'It has not exactly one confirmation of the subject, by bearer, with an end.',
  'recipient': 'The confirmation is for another address than ours.',
  'audience': 'It is not for us.',
  'condition': 'It is under a condition that is not known here.',
  'expired': 'It has ended, or was issued more than five minutes ago.',
  'not-yet-valid': 'It begins in the future by our clock.',
  'time': 'A moment is missing or not written as XML has it, with its zone.',
  'subject': 'It names nobody: no plain NameID that lasts, or not exactly one value of the chosen attribute.',
  'email-verified': 'The provider says that it has not verified the address.',
  'statement': 'It has not exactly one statement of how the person signed in.',
  'not-fresh': 'The person was to sign in anew, and did not.',
  'signature': 'No pinned certificate verifies it.',
} as const;

export type SamlCheck = keyof typeof SAML_CHECKS;

/** An answer that did not pass `check`. */
export const refused = (check: SamlCheck, cause?: unknown): ProviderRefused =>
  new ProviderRefused(check, cause === undefined ? undefined : { cause });

/** @throws ProviderRefused unless it holds */
export function demand(holds: boolean, check: SamlCheck): asserts holds {
  if (!holds) throw refused(check);
}
