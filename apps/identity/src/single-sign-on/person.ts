/** Formats of NameIDs that a provider may name its people by; a transient one names nobody. */
const FORMATS = [
  'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  'urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName',
  'urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName',
  'urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified',
  'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  'urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos',
];
const WRITTEN = /^\["(?:name-id|attribute)",.*"\]$/s;

/** A person's name at the provider, of the subject that a sign-in is bound by: the `sub` itself, or the value of the NameID or attribute. */
export function personOf(subject: string): string {
  if (!WRITTEN.test(subject)) return subject;
  return (JSON.parse(subject) as string[]).at(-1) ?? subject;
}

/** The subjects that a person of this name may be bound by, as both protocols write them. A NameID of foreign qualifiers is not among them. */
export const subjectsOf = (person: string, subjectAttribute: string | undefined): string[] => [
  person,
  ...(subjectAttribute === undefined
    ? FORMATS.map((format) => JSON.stringify(['name-id', format, '', '', person]))
    : [JSON.stringify(['attribute', subjectAttribute, person])]),
];
