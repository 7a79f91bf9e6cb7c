import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { isIP } from 'node:net';
import { readJson } from '#platform';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import { z } from 'zod';

/** COSE: Ed25519, ECDSA on P-256, RSA with PKCS#1. What Node verifies, and authenticators have. */
const ALGORITHMS = [-8, -7, -257];
const TIMEOUT_MS = 5 * 60_000;
/** An answer is 1 to 4 kB; CBOR of that length in 16,384 lists within each other costs 9 ms. */
export const ANSWER_MAX = 16_384;
const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const;
const knownTransports = (names: readonly string[]) => TRANSPORTS.filter((known) => names.includes(known));

/** The host name that passkeys of an origin are bound to; none for an address (WebAuthn L3 §5.1.2). */
export function rpIdOf(origin: string): string | undefined {
  const hostname = URL.parse(origin)?.hostname;
  return hostname !== undefined && isIP(hostname.replaceAll(/[[\]]/g, '')) === 0 ? hostname : undefined;
}

/** A credential as options name it. */
export interface NamedCredential {
  readonly credentialId: string;
  readonly transports: readonly string[];
}

/** For `navigator.credentials.create`. A key that is in `exclude` refuses to make a second one. */
export const registrationOptions = (asked: {
  readonly challenge: string;
  readonly rpId: string;
  readonly account: { readonly accountId: string; readonly email: string; readonly name: string };
  readonly exclude: readonly NamedCredential[];
}): PublicKeyCredentialCreationOptionsJSON => ({
  rp: { id: asked.rpId, name: 'Rollcall' },
  user: { id: userHandleOf(asked.account.accountId), name: asked.account.email, displayName: asked.account.name },
  challenge: asked.challenge,
  pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
  timeout: TIMEOUT_MS,
  excludeCredentials: asked.exclude.map(descriptor),
  authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
  attestation: 'none',
});

/** For `navigator.credentials.get`. Nothing in `allow`: whichever passkey of this host the person chooses. */
export const authenticationOptions = (asked: {
  readonly challenge: string;
  readonly rpId: string;
  readonly allow: readonly NamedCredential[];
}): PublicKeyCredentialRequestOptionsJSON => ({
  challenge: asked.challenge,
  rpId: asked.rpId,
  timeout: TIMEOUT_MS,
  allowCredentials: asked.allow.map(descriptor),
  userVerification: 'required',
});

/** The account's 16 bytes, base64url. */
export const userHandleOf = (accountId: string): string =>
  Buffer.from(accountId.replaceAll('-', ''), 'hex').toString('base64url');

/** What an answer has to be for. `isChallenge`: whether a challenge was given out for this, and is still young. */
export interface ExpectedAnswer {
  readonly origin: string;
  readonly isChallenge: (challenge: string) => boolean;
}

export interface RegisteredPasskey {
  readonly credentialId: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  readonly counter: number;
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
  readonly transports: readonly string[];
  readonly aaguid: string;
  /** To be spent in the transaction of what it leads to. */
  readonly challenge: string;
}

/** A passkey as it is kept. */
export interface KeptPasskey {
  readonly accountId: string;
  readonly credentialId: string;
  readonly publicKey: string;
  readonly rpId: string;
  readonly backupEligible: boolean;
  readonly counter: number;
}

export type AssertedPasskey =
  | { readonly verdict: 'good'; readonly counter: number; readonly backedUp: boolean; readonly challenge: string }
  /** All fits, but it has counted further before: a copy is about. */
  | { readonly verdict: 'cloned'; readonly challenge: string }
  | { readonly verdict: 'refused' };

/** The passkey of an authenticator's answer (JSON); undefined where anything about it is not as it should be. */
export async function registeredPasskey(
  answer: string,
  expected: ExpectedAnswer,
): Promise<RegisteredPasskey | undefined> {
  const read = attestation.safeParse(answer);
  // Told none, the library would look at no host.
  const rpId = rpIdOf(expected.origin);
  if (!read.success || rpId === undefined) return undefined;
  const webauthn = await library();
  return unlessThrown(undefined, () => registered(read.data, { ...expected, rpId }, webauthn));
}

/**
 * Judges an authenticator's answer (JSON) by the kept passkey.
 * @param chosen by its holder among all of theirs, and not by us: then the answer must say whose it is.
 */
export async function assertedPasskey(
  answer: string,
  kept: KeptPasskey,
  expected: ExpectedAnswer,
  chosen: boolean,
): Promise<AssertedPasskey> {
  const read = assertion.safeParse(answer);
  if (!read.success || !isOf(read.data, kept, expected, chosen)) return REFUSED;
  const webauthn = await library();
  return unlessThrown(REFUSED, () => asserted(read.data, kept, expected, webauthn));
}

/** The credential that an answer says it is by, base64url; undefined where it is no answer. */
export const credentialIdIn = (answer: string): string | undefined => {
  const read = assertion.safeParse(answer);
  return read.success ? read.data.id : undefined;
};

async function registered(
  response: z.output<typeof attestation>,
  { origin, rpId, isChallenge }: ExpectedAnswer & { readonly rpId: string },
  webauthn: WebAuthn,
): Promise<RegisteredPasskey | undefined> {
  const { challenge } = clientDataOf(response.response.clientDataJSON);
  // Before the library follows certificates that nobody asked for.
  const stated = webauthn.decodeAttestationObject(bytesOf(response.response.attestationObject));
  const fmt = stated.get('fmt');
  if (fmt !== 'none' && (fmt !== 'packed' || stated.get('attStmt').get('x5c') !== undefined)) return undefined;
  const { verified, registrationInfo } = await webauthn.verifyRegistrationResponse({
    response: { ...response, clientExtensionResults: {} },
    expectedChallenge: isChallenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    supportedAlgorithmIDs: ALGORITHMS,
  });
  if (!verified || registrationInfo.credential.id !== response.id) return undefined;
  const { credential, aaguid, credentialDeviceType, credentialBackedUp } = registrationInfo;
  if (!isUsableKey(webauthn.decodeCredentialPublicKey(credential.publicKey))) return undefined;
  return {
    credentialId: credential.id,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    backupEligible: credentialDeviceType === 'multiDevice',
    backedUp: credentialBackedUp,
    transports: response.response.transports,
    aaguid,
    challenge,
  };
}

/** Whether it claims to be by this passkey: the library verifies by whichever key it is handed. */
function isOf(
  { id, response: { userHandle } }: z.output<typeof assertion>,
  kept: KeptPasskey,
  { origin }: ExpectedAnswer,
  chosen: boolean,
): boolean {
  const isTheirs = userHandle == null ? !chosen : userHandle === userHandleOf(kept.accountId);
  return isTheirs && id === kept.credentialId && rpIdOf(origin) === kept.rpId;
}

async function asserted(
  { id, rawId, type, response: { clientDataJSON, authenticatorData, signature } }: z.output<typeof assertion>,
  kept: KeptPasskey,
  { origin, isChallenge }: ExpectedAnswer,
  { verifyAuthenticationResponse }: WebAuthn,
): Promise<AssertedPasskey> {
  const { challenge } = clientDataOf(clientDataJSON);
  const response = { clientDataJSON, authenticatorData, signature };
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: { id, rawId, type, response, clientExtensionResults: {} },
    expectedChallenge: isChallenge,
    expectedOrigin: origin,
    expectedRPID: kept.rpId,
    // The counter is judged below: the library throws for a wrong one before it has looked at the signature.
    credential: { id: kept.credentialId, publicKey: bytesOf(kept.publicKey), counter: 0 },
  });
  const { newCounter: counter, credentialDeviceType, credentialBackedUp: backedUp } = authenticationInfo;
  if (!verified || (credentialDeviceType === 'multiDevice') !== kept.backupEligible) return REFUSED;
  return kept.counter > 0 && counter <= kept.counter
    ? { verdict: 'cloned', challenge }
    : { verdict: 'good', counter, backedUp, challenge };
}

const REFUSED = { verdict: 'refused' } as const;

/** Bytes in base64url, in the one spelling that they have. */
const bytes = z.string().refine((text) => Buffer.from(text, 'base64url').toString('base64url') === text);
const credentialId = bytes.refine((text) => {
  const { length } = bytesOf(text);
  return length >= 16 && length <= 1023;
});
const outer = { id: credentialId, rawId: credentialId, type: z.literal('public-key') };
const json = z
  .string()
  .max(ANSWER_MAX)
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON' });
      return z.NEVER;
    }
  });
const attestation = json.pipe(
  z.object({
    ...outer,
    response: z.object({
      clientDataJSON: bytes,
      attestationObject: bytes,
      transports: z.array(z.string()).catch([]).transform(knownTransports),
    }),
  }),
);
const assertion = json.pipe(
  z.object({
    ...outer,
    response: z.object({
      clientDataJSON: bytes,
      authenticatorData: bytes,
      signature: bytes,
      userHandle: bytes.nullish(),
    }),
  }),
);
/** A page within another's frame says so: there a person cannot see whose it is. */
const clientData = z.object({
  challenge: z.string(),
  crossOrigin: z.literal(false).optional(),
  topOrigin: z.undefined().optional(),
});

/** As strictly as any body: for what stands twice the library would take the last, and it forgives a byte order mark. */
const clientDataOf = (text: string) => clientData.parse(readJson(bytesOf(text), { depthMax: 4, valuesMax: 64 }));

/** Whether Node takes the key: the library finds out at the first assertion, when its holder relies on it. */
function isUsableKey(cose: unknown): boolean {
  const jwk = jwkOf(cose as ReadonlyMap<number, unknown>);
  const size = jwk && createPublicKey({ key: jwk, format: 'jwk' }).asymmetricKeyDetails?.modulusLength;
  return jwk !== undefined && (size === undefined || (size >= 2048 && size <= 4096));
}

function jwkOf(cose: ReadonlyMap<number, unknown>): JsonWebKey | undefined {
  const [kty, alg, first, second, third] = [1, 3, -1, -2, -3].map((label) => cose.get(label));
  const text = (part: unknown) => (part instanceof Uint8Array ? Buffer.from(part).toString('base64url') : '');
  if (alg === -7 && kty === 2 && first === 1) return { kty: 'EC', crv: 'P-256', x: text(second), y: text(third) };
  if (alg === -8 && kty === 1 && first === 6) return { kty: 'OKP', crv: 'Ed25519', x: text(second) };
  if (alg === -257 && kty === 3) return { kty: 'RSA', n: text(first), e: text(second) };
  return undefined;
}

/** What authenticators send is read by others' parsers, which throw whatever they throw. */
async function unlessThrown<T>(otherwise: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch {
    return otherwise;
  }
}

const descriptor = ({ credentialId: id, transports }: NamedCredential) => ({
  id,
  type: 'public-key' as const,
  transports: knownTransports(transports),
});

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'base64url'));

// At first use: it takes a second and 35 MB, which an installation without passkeys never needs.
const library = async () => ({
  ...(await import('@simplewebauthn/server')),
  ...(await import('@simplewebauthn/server/helpers')),
});
type WebAuthn = Awaited<ReturnType<typeof library>>;
