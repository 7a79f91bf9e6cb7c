import { childrenOf, SAML, type XmlElement } from '#platform';

/** What an assertion tells of a person, by the names of attributes. A map: a provider may name one `__proto__`. */
export type Attributes = ReadonlyMap<string, readonly string[]>;

/** As Okta, Keycloak, Google, Entra and AD FS, Shibboleth (by two OIDs) name the address. */
const ADDRESSES = [
  'email',
  'mail',
  'emailaddress',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  'http://schemas.xmlsoap.org/claims/emailaddress',
  'urn:oid:0.9.2342.19200300.100.1.3',
  'urn:oid:1.2.840.113549.1.9.1',
];
const NAMES = [
  'displayname',
  'http://schemas.microsoft.com/identity/claims/displayname',
  'urn:oid:2.16.840.1.113730.3.1.241',
  'name',
];
const GIVEN_NAMES = [
  'givenname',
  'firstname',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname',
  'urn:oid:2.5.4.42',
];
const SURNAMES = [
  'surname',
  'lastname',
  'sn',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname',
  'urn:oid:2.5.4.4',
];

/** The attributes of all statements; of values that are more than text, none. */
export function attributesOf(assertion: XmlElement): Attributes {
  const read = new Map<string, string[]>();
  for (const statement of childrenOf(assertion, SAML, 'AttributeStatement'))
    for (const attribute of childrenOf(statement, SAML, 'Attribute')) {
      const name = attribute.attributes.get('Name') ?? '';
      const values = childrenOf(attribute, SAML, 'AttributeValue').filter(({ children }) => children.length === 0);
      read.set(name, [...(read.get(name) ?? []), ...values.map(({ text }) => text)]);
    }
  return read;
}

/** The address under the chosen name, or under a usual one where none is chosen. */
export const addressIn = (attributes: Attributes, chosen: string | undefined): string | undefined =>
  chosen === undefined ? usual(attributes, ADDRESSES) : nonEmpty(attributes.get(chosen)?.[0]);

/** Whether the provider says that it has verified the address: hardly one says anything. */
export const verificationIn = (attributes: Attributes): string | undefined =>
  usual(attributes, ['email_verified', 'emailverified'])?.toLowerCase();

/** The person's name as the provider has it, whole or in two parts. */
export const nameIn = (attributes: Attributes): string | undefined =>
  usual(attributes, NAMES) ??
  nonEmpty([GIVEN_NAMES, SURNAMES].flatMap((names) => usual(attributes, names) ?? []).join(' '));

/** The first value under a name of the list, the first name first. Providers spell them in large and small letters. */
function usual(attributes: Attributes, names: readonly string[]): string | undefined {
  for (const name of names)
    for (const [written, [value]] of attributes)
      if (written.toLowerCase() === name && nonEmpty(value) !== undefined) return nonEmpty(value);
  return undefined;
}

const nonEmpty = (text: string | undefined): string | undefined => (text?.trim() === '' ? undefined : text?.trim());
