import { childrenOf, onlyChild, SAML, type XmlElement } from '#platform';
import type { SamlSettings, Vouched } from '../protocol.ts';
import { addressIn, type Attributes, attributesOf, nameIn, verificationIn } from './attributes.ts';
import { demand } from './checks.ts';
import { type Expected, SKEW_MS } from './expected.ts';
import { isOf } from './response.ts';

const AGE_MAX_MS = 5 * 60_000;
/** Four times what SAML lets a persistent NameID have. */
const NAME_MAX = 1024;
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';
const EMAIL_ADDRESS = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
/** What limits an assertion's use to us, to now and to once, which it is anyhow. Any other condition might forbid it. */
const CONDITIONS = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'];
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** What an assertion proves of a person: every statement in it is judged. Whether it is signed is not asked here. @throws ProviderRefused */
export function vouchedIn(assertion: XmlElement, expected: Expected): Vouched {
  const { settings, now } = expected;
  const id = assertion.attributes.get('ID') ?? '';
  demand(id !== '', 'ids');
  const [issuer, second] = childrenOf(assertion, SAML, 'Issuer');
  demand(issuer !== undefined && second === undefined && isOf(issuer, settings.entityId), 'issuer');
  demandConditions(assertion, expected);
  const subject = onlyChild(assertion, SAML, 'Subject');
  demandConfirmation(subject, expected);
  demandYoung(assertion, now);
  const attributes = attributesOf(assertion);
  const nameId = nameIdIn(subject);
  const verification = verificationIn(attributes);
  demand(verification !== 'false', 'email-verified');
  return {
    subject: subjectOf(nameId, attributes, expected),
    email: addressIn(attributes, settings.emailAttribute) ?? addressOf(nameId, settings),
    emailVerified: verification === 'true',
    name: nameIn(attributes),
    ...sessionIn(assertion, expected),
    assertionId: id,
  };
}

function demandConditions(assertion: XmlElement, { entityId, now }: Expected): void {
  const conditions = onlyChild(assertion, SAML, 'Conditions');
  const restrictions = childrenOf(conditions, SAML, 'AudienceRestriction');
  demand(conditions !== undefined && restrictions.length > 0, 'audience');
  // Several restrictions hold all at once, several audiences of one are a choice.
  const isOurs = (restriction: XmlElement) => childrenOf(restriction, SAML, 'Audience').some((a) => isOf(a, entityId));
  demand(restrictions.every(isOurs), 'audience');
  demand(
    conditions.children.every(({ namespace, name }) => namespace === SAML && CONDITIONS.includes(name)),
    'condition',
  );
  demandPeriod(conditions, now);
}

function demandConfirmation(subject: XmlElement | undefined, { acs, requestId, now }: Expected): void {
  const confirmation = onlyChild(subject, SAML, 'SubjectConfirmation');
  const stated = onlyChild(confirmation, SAML, 'SubjectConfirmationData');
  demand(stated !== undefined && confirmation?.attributes.get('Method') === BEARER, 'confirmation');
  demand(stated.attributes.get('Recipient') === acs, 'recipient');
  demand(stated.attributes.get('InResponseTo') === requestId, 'in-response-to');
  demand(stated.attributes.has('NotOnOrAfter'), 'confirmation');
  demandPeriod(stated, now);
}

function demandYoung(assertion: XmlElement, now: Date): void {
  const issuedAt = momentIn(assertion, 'IssueInstant').getTime();
  demand(issuedAt <= now.getTime() + SKEW_MS, 'not-yet-valid');
  demand(issuedAt > now.getTime() - SKEW_MS - AGE_MAX_MS, 'expired');
}

function demandPeriod(element: XmlElement, now: Date): void {
  const from = optionalMoment(element, 'NotBefore');
  const until = optionalMoment(element, 'NotOnOrAfter');
  demand(from === undefined || from.getTime() <= now.getTime() + SKEW_MS, 'not-yet-valid');
  demand(until === undefined || until.getTime() > now.getTime() - SKEW_MS, 'expired');
}

function momentIn(element: XmlElement, name: string): Date {
  const written = element.attributes.get(name) ?? '';
  const moment = new Date(written);
  demand(DATE_TIME.test(written) && !Number.isNaN(moment.getTime()), 'time');
  return moment;
}

const optionalMoment = (element: XmlElement, name: string): Date | undefined =>
  element.attributes.has(name) ? momentIn(element, name) : undefined;

const isName = (text: string) => text.trim() !== '' && text.length <= NAME_MAX;

interface NameId {
  readonly value: string;
  readonly format: string;
  readonly qualifiers: readonly string[];
}

function nameIdIn(subject: XmlElement | undefined): NameId | undefined {
  const nameId = onlyChild(subject, SAML, 'NameID');
  if (nameId === undefined || nameId.children.length > 0 || !isName(nameId.text)) return undefined;
  const { attributes, text } = nameId;
  const qualifiers = ['NameQualifier', 'SPNameQualifier'].map((name) => attributes.get(name) ?? '');
  return { value: text, format: attributes.get('Format') ?? UNSPECIFIED, qualifiers };
}

/** A NameID that is an address, unless the address is to be found elsewhere. */
const addressOf = (nameId: NameId | undefined, { emailAttribute }: SamlSettings): string | undefined =>
  emailAttribute === undefined && nameId?.format === EMAIL_ADDRESS ? nameId.value : undefined;

/** Written so that no two people of one provider are written alike. */
function subjectOf(nameId: NameId | undefined, attributes: Attributes, { settings, entityId }: Expected): string {
  const { subjectAttribute } = settings;
  if (subjectAttribute !== undefined) {
    const [value, second] = attributes.get(subjectAttribute) ?? [];
    demand(value !== undefined && isName(value) && second === undefined, 'subject');
    return JSON.stringify(['attribute', subjectAttribute, value]);
  }
  demand(nameId !== undefined && nameId.format !== TRANSIENT, 'subject');
  // A qualifier that is left out is that of whoever speaks, and of whoever is spoken to (SAML core 8.3.7).
  const defaults = [settings.entityId, entityId];
  const qualifiers = nameId.qualifiers.map((qualifier, at) => (qualifier === defaults[at] ? '' : qualifier));
  return JSON.stringify(['name-id', nameId.format, ...qualifiers, nameId.value]);
}

function sessionIn(assertion: XmlElement, { signedInFrom, now }: Expected) {
  const statement = onlyChild(assertion, SAML, 'AuthnStatement');
  demand(statement !== undefined, 'statement');
  const authenticatedAt = momentIn(statement, 'AuthnInstant');
  demand(authenticatedAt.getTime() <= now.getTime() + SKEW_MS, 'not-yet-valid');
  demand(signedInFrom === undefined || authenticatedAt >= signedInFrom, 'not-fresh');
  const endsAt = optionalMoment(statement, 'SessionNotOnOrAfter');
  demand(endsAt === undefined || endsAt.getTime() > now.getTime() - SKEW_MS, 'expired');
  return { authenticatedAt, endsAt, providerSession: statement.attributes.get('SessionIndex') };
}
