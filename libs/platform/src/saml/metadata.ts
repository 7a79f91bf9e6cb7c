import { X509Certificate } from 'node:crypto';
import { DSIG, HTTP_REDIRECT, SAML_METADATA, SAMLP } from './names.ts';
import { allWithin, childrenOf, readXml, UnreadableXml, type XmlElement, xmlText } from './read-xml.ts';

/** What a provider's metadata says that we rely on. All else in it is left unread: nothing there weakens a check. */
export interface SamlProvider {
  readonly entityId: string;
  readonly signInUrl: string;
  /** PEM, 1 to 5, RSA of 2,048 bits or more, none of them twice. */
  readonly certificates: readonly string[];
}

/** Metadata that cannot be used: `message` says why and what to do, to an owner. */
export class UnusableSamlMetadata extends Error {
  override readonly name = 'UnusableSamlMetadata';
}

/** SAML's bound for entity ids. */
const ENTITY_ID_MAX = 1024;
const CERTIFICATES_MAX = 5;

/** Reads the metadata of one SAML identity provider. @throws UnusableSamlMetadata */
export function samlProvider(bytes: Uint8Array): SamlProvider {
  const [entity, provider] = oneProvider(documentOf(bytes));
  const entityId = entity.attributes.get('entityID') ?? '';
  if (entityId.trim() === '' || entityId.length > ENTITY_ID_MAX)
    throw new UnusableSamlMetadata('The metadata does not name the provider: entityID is missing or too long.');
  const endpoint = childrenOf(provider, SAML_METADATA, 'SingleSignOnService').find(
    ({ attributes }) => attributes.get('Binding') === HTTP_REDIRECT,
  );
  return {
    entityId,
    signInUrl: samlSignInUrl(endpoint?.attributes.get('Location')),
    certificates: certificatesOf(provider),
  };
}

/** Where a provider's sign-in is asked for, checked. @throws UnusableSamlMetadata */
export function samlSignInUrl(location: string | undefined): string {
  if (location === undefined)
    throw new UnusableSamlMetadata('The provider offers no sign-in by HTTP-Redirect. Switch that binding on there.');
  const url = URL.parse(location);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.hash !== '')
    throw new UnusableSamlMetadata(`The sign-in address ${location} is not a plain https address.`);
  return url.href;
}

/** Whether its key may verify what a provider signs: RSA of 2,048 bits or more. Elliptic curves are verified by nobody here, and shorter keys are within others' reach. */
export const verifiesSignatures = ({
  publicKey: { asymmetricKeyType: type, asymmetricKeyDetails: details },
}: X509Certificate): boolean => type === 'rsa' && (details?.modulusLength ?? 0) >= 2048;

/** A certificate that signatures may be verified by, as PEM. @param certificate PEM, or the base64 of metadata @throws UnusableSamlMetadata */
export function signingCertificate(certificate: string): string {
  const parsed = parsedCertificate(certificate);
  if (!verifiesSignatures(parsed))
    throw new UnusableSamlMetadata(
      `The signing key of ${parsed.subject.replaceAll('\n', ', ')} is not RSA of 2,048 bits or more. Choose such a key at the provider.`,
    );
  return parsed.toString();
}

function parsedCertificate(certificate: string): X509Certificate {
  const base64 = certificate.replaceAll(/-----[A-Z ]+-----|\s/g, '');
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    throw new UnusableSamlMetadata('A signing certificate cannot be read: it should be X.509, in PEM or base64.');
  }
}

function documentOf(bytes: Uint8Array): XmlElement {
  try {
    return readXml(xmlText(bytes));
  } catch (error) {
    if (!(error instanceof UnreadableXml)) throw error;
    throw new UnusableSamlMetadata(`The metadata cannot be read. ${error.message}`);
  }
}

function oneProvider(root: XmlElement): readonly [XmlElement, XmlElement] {
  const found = [...allWithin(root)].flatMap((entity) =>
    childrenOf(entity, SAML_METADATA, 'IDPSSODescriptor').map((provider) => [entity, provider] as const),
  );
  const [only, second] = found;
  if (only === undefined)
    throw new UnusableSamlMetadata('This is not the metadata of a SAML identity provider: it has no IDPSSODescriptor.');
  if (second !== undefined)
    throw new UnusableSamlMetadata(
      'The metadata is of several providers. Give that of the one whose people sign in here.',
    );
  if (only[0].name !== 'EntityDescriptor' || only[0].namespace !== SAML_METADATA)
    throw new UnusableSamlMetadata('The metadata describes a provider outside of an EntityDescriptor.');
  if (!(only[1].attributes.get('protocolSupportEnumeration') ?? '').split(/\s+/).includes(SAMLP))
    throw new UnusableSamlMetadata('The provider does not speak SAML 2.0.');
  return only;
}

function certificatesOf(provider: XmlElement): readonly string[] {
  const signing = childrenOf(provider, SAML_METADATA, 'KeyDescriptor').filter(
    ({ attributes }) => (attributes.get('use') ?? 'signing') === 'signing',
  );
  const stated = signing.flatMap((key) =>
    [...allWithin(key)].filter(({ namespace, name }) => namespace === DSIG && name === 'X509Certificate'),
  );
  const certificates = [...new Set(stated.map(({ text }) => signingCertificate(text)))];
  if (certificates.length === 0)
    throw new UnusableSamlMetadata('The metadata has no certificate that the provider signs by.');
  if (certificates.length > CERTIFICATES_MAX)
    throw new UnusableSamlMetadata(
      `The metadata has more than ${CERTIFICATES_MAX} signing certificates. Retire old ones.`,
    );
  return certificates;
}
