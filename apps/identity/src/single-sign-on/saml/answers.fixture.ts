import { constants, createHash, createSign } from 'node:crypto';
import type { SelfSigned } from '#testing';
import type { Attempt, Connection } from '../protocol.ts';

export const NOW = new Date('2026-11-29T12:00:00Z');
export const ORIGIN = 'https://id.example.com';
export const PROVIDER = 'https://idp.example/saml';
export const SERVICE = `${ORIGIN}/sso/c1`;
export const ACS = `${SERVICE}/acs`;
export const AT = (seconds: number): string => new Date(NOW.getTime() + seconds * 1000).toISOString();

export const attempt: Attempt = {
  state: 'state-of-this-attempt',
  nonce: 'nonce',
  verifier: 'verifier',
  requestId: '_request1',
  beganAt: new Date(NOW.getTime() - 30_000),
  anew: false,
};

export const connectionOf = (provider: SelfSigned, service: SelfSigned): Connection => ({
  connectionId: 'c1',
  organizationId: 'o1',
  n: 1,
  oidc: undefined,
  saml: {
    entityId: PROVIDER,
    signInUrl: 'https://idp.example/sign-in?tenant=acme',
    certificates: [provider.certificate],
    subjectAttribute: undefined,
    emailAttribute: undefined,
    ...service,
  },
});

const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';
const DS = 'http://www.w3.org/2000/09/xmldsig#';

/** An assertion of Alice without a signature. As all here it is written in its canonical form: what is digested is what stands there. */
export const ASSERTION =
  `<saml:Assertion xmlns:saml="${SAML}" ID="_assertion1" IssueInstant="${AT(-5)}" Version="2.0">` +
  `<saml:Issuer>${PROVIDER}</saml:Issuer>` +
  '<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">alice-1</saml:NameID>' +
  '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">' +
  `<saml:SubjectConfirmationData InResponseTo="_request1" NotOnOrAfter="${AT(300)}" Recipient="${ACS}"></saml:SubjectConfirmationData>` +
  '</saml:SubjectConfirmation></saml:Subject>' +
  `<saml:Conditions NotBefore="${AT(-10)}" NotOnOrAfter="${AT(300)}">` +
  `<saml:AudienceRestriction><saml:Audience>${SERVICE}</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
  `<saml:AuthnStatement AuthnInstant="${AT(-20)}" SessionIndex="_session1" SessionNotOnOrAfter="${AT(36_000)}">` +
  '<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>' +
  '</saml:AuthnStatement><saml:AttributeStatement>' +
  '<saml:Attribute Name="email"><saml:AttributeValue>alice@acme.example</saml:AttributeValue></saml:Attribute>' +
  '<saml:Attribute Name="displayName"><saml:AttributeValue>Alice Archer</saml:AttributeValue></saml:Attribute>' +
  '</saml:AttributeStatement></saml:Assertion>';

/** What {@link ASSERTION} proves. */
export const ALICE = {
  subject: '["name-id","urn:oasis:names:tc:SAML:2.0:nameid-format:persistent","","","alice-1"]',
  email: 'alice@acme.example',
  emailVerified: false,
  name: 'Alice Archer',
  authenticatedAt: new Date(AT(-20)),
  endsAt: new Date(AT(36_000)),
  providerSession: '_session1',
  assertionId: '_assertion1',
};

/** An answer around an assertion. */
export const responseAround = (assertion: string): string =>
  `<samlp:Response xmlns:samlp="${SAMLP}" Destination="${ACS}" ID="_response1" InResponseTo="_request1" IssueInstant="${AT(-5)}" Version="2.0">` +
  `<saml:Issuer xmlns:saml="${SAML}">${PROVIDER}</saml:Issuer>` +
  '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode></samlp:Status>' +
  `${assertion}</samlp:Response>`;

/** How something is signed. */
export interface Signing {
  readonly key: string;
  readonly method: string;
  readonly digest: string;
  readonly transforms: readonly string[];
  /** Of InclusiveNamespaces, in the last transform. */
  readonly prefixes: string;
  /** Put into the signature, behind all that belongs there. */
  readonly beside: string;
  /** What is digested, where that is not the element itself. */
  readonly canonical: string;
  /** The id that is referred to, where that is not the element's own. */
  readonly of: string;
}

export const ENVELOPED = `${DS}enveloped-signature`;
export const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const HASHES: Readonly<Record<string, string>> = {
  [`${DS}rsa-sha1`]: 'sha1',
  [`${DS}sha1`]: 'sha1',
  'http://www.w3.org/2001/04/xmlenc#sha256': 'sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512': 'sha512',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256': 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': 'sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1': 'sha256',
};
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

/** A signature of an element that is in its canonical form. */
export function signatureOf(element: string, key: string, changed: Partial<Signing> = {}): string {
  const {
    method = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    digest = 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms = [ENVELOPED, EXCLUSIVE],
    prefixes,
    beside = '',
    canonical = element,
    of = / ID="([^"]*)"/.exec(element)?.[1] ?? '',
  } = changed;
  const digested = createHash(HASHES[digest] ?? '')
    .update(canonical)
    .digest('base64');
  const inclusive =
    prefixes === undefined
      ? ''
      : `<ec:InclusiveNamespaces xmlns:ec="${EXCLUSIVE}" PrefixList="${prefixes}"></ec:InclusiveNamespaces>`;
  const info =
    `<ds:CanonicalizationMethod Algorithm="${EXCLUSIVE}"></ds:CanonicalizationMethod>` +
    `<ds:SignatureMethod Algorithm="${method}"></ds:SignatureMethod><ds:Reference URI="#${of}"><ds:Transforms>` +
    transforms
      .map((step) => `<ds:Transform Algorithm="${step}">${step === EXCLUSIVE ? inclusive : ''}</ds:Transform>`)
      .join('') +
    `</ds:Transforms><ds:DigestMethod Algorithm="${digest}"></ds:DigestMethod><ds:DigestValue>${digested}</ds:DigestValue></ds:Reference></ds:SignedInfo>`;
  const by = { key: changed.key ?? key, ...(method.endsWith('MGF1') ? PSS : {}) };
  const value = createSign(HASHES[method] ?? '')
    .update(`<ds:SignedInfo xmlns:ds="${DS}">${info}`)
    .sign(by, 'base64');
  return `<ds:Signature xmlns:ds="${DS}"><ds:SignedInfo>${info}<ds:SignatureValue>${value}</ds:SignatureValue>${beside}</ds:Signature>`;
}

/** The element with a signature behind its first Issuer, as the schemas want it. */
export const withSignature = (element: string, signature: string): string =>
  element.replace(/<\/(?:saml:)?Issuer>/, (issuer) => issuer + signature);

export const signed = (element: string, key: string, changed: Partial<Signing> = {}): string =>
  withSignature(element, signatureOf(element, key, changed));

/** Replaces the first such text; complains where there is none, since the test would be of something else. */
export const swap =
  (from: string, to: string) =>
  (text: string): string => {
    if (!text.includes(from)) throw new Error(`nothing to replace: ${from}`);
    return text.replace(from, () => to);
  };

/** What is done to an answer on its way, in this order. */
export interface Making {
  /** With the assertion, before it is signed: what a provider states. */
  readonly stated: (assertion: string) => string;
  readonly signing: Partial<Signing>;
  /** With the signed assertion. */
  readonly assertion: (assertion: string) => string;
  /** With the answer around it, before that is signed. */
  readonly around: (response: string) => string;
  readonly signsResponse: boolean;
  /** With the whole: what somebody on the way does. */
  readonly sent: (response: string) => string;
}

/** An answer of the provider with that key, as XML. */
export function answerXml(key: string, making: Partial<Making> = {}): string {
  const same = (text: string) => text;
  const { stated = same, signing = {}, assertion = same, around = same, signsResponse = false, sent = same } = making;
  const response = around(responseAround(assertion(signed(stated(ASSERTION), key, signing))));
  return sent(signsResponse ? signed(response, key) : response);
}

export const posted = (xml: string) => ({ query: undefined, samlResponse: Buffer.from(xml).toString('base64') });
