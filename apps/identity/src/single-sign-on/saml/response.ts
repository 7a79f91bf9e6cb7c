import {
  allWithin,
  childrenOf,
  onlyChild,
  readXml,
  SAML,
  SAMLP,
  UnreadableXml,
  type XmlElement,
  xmlText,
} from '#platform';
import { demand, refused } from './checks.ts';
import type { Expected } from './expected.ts';
import { demandFormOfSignatures } from './signature-form.ts';

/** What the form of the assertion consumer service may hold. */
export const RESPONSE_MAX = 350_000;
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';

/** An answer whose shape leaves only one reading of it. Nothing in it has been verified. */
export interface Response {
  readonly text: string;
  readonly root: XmlElement;
  readonly isSigned: boolean;
  /** Its assertion; where `isEncrypted`, what holds it. */
  readonly assertion: XmlElement;
  readonly isEncrypted: boolean;
}

/** The text of a SAMLResponse. @throws ProviderRefused */
export function responseText(samlResponse: string): string {
  demand(samlResponse.length > 0 && samlResponse.length <= RESPONSE_MAX, 'size');
  const base64 = samlResponse.replaceAll(/[\r\n\t ]/g, '');
  const bytes = Buffer.from(base64, 'base64');
  // Two spellings of one answer would be two answers to whoever compares them.
  demand(bytes.toString('base64') === base64, 'base64');
  return unlessUnreadable(() => xmlText(bytes));
}

/** Judges the text of an answer before anything in it is verified: what verifies would take more than one shape. @throws ProviderRefused */
export function responseIn(text: string, expected: Expected): Response {
  const root = unlessUnreadable(() => readXml(text));
  demand(isResponse(root), 'response');
  // Before all else that it should have: a provider that says no sends nothing more.
  demand(statusOf(root) === SUCCESS, 'denied');
  const all = [...allWithin(root)];
  const assertion = onlyAssertion(root, all);
  demandUniqueIds(all);
  const signed = demandFormOfSignatures(all, [root, assertion]);
  const response = { text, root, isSigned: signed.has(root), assertion, isEncrypted: assertion.name !== 'Assertion' };
  demandAnswerToUs(response, expected);
  demand(response.isEncrypted || signed.has(assertion), 'unsigned');
  return response;
}

const isResponse = ({ namespace, name, attributes }: XmlElement) =>
  namespace === SAMLP && name === 'Response' && attributes.get('Version') === '2.0';

const statusOf = (root: XmlElement) =>
  onlyChild(onlyChild(root, SAMLP, 'Status'), SAMLP, 'StatusCode')?.attributes.get('Value');

const isAssertion = ({ name }: XmlElement) => name === 'Assertion' || name === 'EncryptedAssertion';

/** Counted by name, in whatever namespace: libraries look for them so. */
function onlyAssertion(root: XmlElement, all: readonly XmlElement[]): XmlElement {
  const [assertion, second] = all.filter(isAssertion);
  demand(assertion !== undefined && second === undefined && assertion.namespace === SAML, 'assertions');
  demand(root.children.includes(assertion), 'assertions');
  return assertion;
}

/** By every spelling that a library takes for an id. */
function demandUniqueIds(all: readonly XmlElement[]): void {
  const ids = all.flatMap(({ attributes }) =>
    [...attributes].filter(([name]) => /(?:^|:)id$/i.test(name)).map(([, value]) => value),
  );
  demand(new Set(ids).size === ids.length, 'ids');
}

function demandAnswerToUs({ root, isSigned }: Response, { settings, acs, requestId }: Expected): void {
  const destination = root.attributes.get('Destination');
  demand(destination === acs || (destination === undefined && !isSigned), 'destination');
  const [issuer, second] = childrenOf(root, SAML, 'Issuer');
  demand(second === undefined && (issuer === undefined || isOf(issuer, settings.entityId)), 'issuer');
  demand(root.attributes.get('InResponseTo') === requestId, 'in-response-to');
}

/** Whether an Issuer names an entity. */
export const isOf = ({ text, children }: XmlElement, entityId: string): boolean =>
  children.length === 0 && text.trim() === entityId;

/** @throws ProviderRefused for what is not XML as we read it */
export function unlessUnreadable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof UnreadableXml ? refused('markup', error) : error;
  }
}
