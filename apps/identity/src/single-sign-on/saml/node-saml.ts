import type { CacheProvider, SamlConfig } from '@node-saml/node-saml';
import type { Attempt, SamlSettings } from '../protocol.ts';
import { refused } from './checks.ts';
import type { Expected, Service } from './expected.ts';
import type { Response } from './response.ts';

/** Where the browser asks for the sign-in: an AuthnRequest by Redirect, signed by our key of the connection. */
export async function requestUrl(settings: SamlSettings, service: Service, attempt: Attempt): Promise<URL> {
  const { SAML } = await library();
  const { requestId, anew, state } = attempt;
  const asking = new SAML({
    ...optionsOf(settings, service, requestId),
    entryPoint: settings.signInUrl,
    privateKey: settings.privateKey,
    signatureAlgorithm: 'sha256',
    forceAuthn: anew,
    // How people sign in there is the provider's to say, and so is the form of their names.
    disableRequestedAuthnContext: true,
    identifierFormat: null,
  });
  return new URL(await asking.getAuthorizeUrlAsync(state, undefined, {}));
}

/** The assertion's signed bytes, canonical. @throws ProviderRefused where a pinned certificate does not verify each signature */
export async function signedAssertion({ text, isSigned }: Response, expected: Expected): Promise<string> {
  const { SAML, ValidateInResponseTo } = await library();
  const judging = new SAML({
    ...optionsOf(expected.settings, expected, expected.requestId),
    audience: expected.entityId,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: isSigned,
    validateInResponseTo: ValidateInResponseTo.always,
    // Its clock is the machine's: periods are judged by us, by the clock that is given.
    acceptedClockSkewMs: -1,
  });
  const { profile } = await judging
    .validatePostResponseAsync({ SAMLResponse: Buffer.from(text).toString('base64') })
    .catch(() => {
      // Without what it says: its words may hold some of the answer, and logs are to hold none.
      throw refused('signature');
    });
  // Null where it took something else than an assertion for an answer.
  const signed = profile?.getAssertionXml?.();
  if (signed === undefined) throw refused('signature');
  return signed;
}

/** Whether a pinned certificate verifies the Response as a whole. */
export async function isVerifiedResponse(text: string, certificates: readonly string[]): Promise<boolean> {
  const { parseDomFromString, getVerifiedXml } = await parts();
  try {
    const { documentElement } = await parseDomFromString(text);
    return getVerifiedXml(text, documentElement, [...certificates]) !== null;
  } catch {
    // Some signatures that do not hold are an exception to it.
    return false;
  }
}

const optionsOf = ({ certificates }: SamlSettings, { entityId, acs }: Service, requestId: string): SamlConfig => ({
  issuer: entityId,
  callbackUrl: acs,
  idpCert: [...certificates],
  generateUniqueId: () => requestId,
  cacheProvider: onlyKnowing(requestId),
});

/** A memory of the one request that this attempt sent: that it is answered once is the attempt's row. */
const onlyKnowing = (requestId: string): CacheProvider => ({
  saveAsync: async () => null,
  getAsync: async (key) => (key === requestId ? new Date().toISOString() : null),
  removeAsync: async () => null,
});

// At first use: 15 MB that an installation without SAML never needs.
const library = () => import('@node-saml/node-saml');

/** Its own parts, whose types are those of browsers. */
interface Parts {
  readonly parseDomFromString: (text: string) => Promise<{ readonly documentElement: unknown }>;
  readonly getVerifiedXml: (text: string, element: unknown, certificates: string[]) => string | null;
}
const parts = async () => (await import('@node-saml/node-saml/lib/xml.js')) as unknown as Parts;
