import { selfSigned } from '#testing';
import { samlProvider, signingCertificate, UnusableSamlMetadata } from './metadata.ts';

const [old, next, weak, elliptic] = await Promise.all([
  selfSigned('old'),
  selfSigned('next'),
  selfSigned('weak', 1024),
  selfSigned('elliptic', 0),
]);
const base64 = (certificate: string) => certificate.replaceAll(/-----[^-]+-----/g, '');
const key = (certificate: string, use = ' use="signing"') =>
  `<md:KeyDescriptor${use}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${base64(certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const endpoint = (location: string, binding = REDIRECT) =>
  `<md:SingleSignOnService Binding="${binding}" Location="${location}"/>`;
const SIGN_IN = 'https://idp.example/sign-in?a=1&amp;b=2';

interface Parts {
  readonly entityId: string;
  readonly keys: string;
  readonly endpoints: string;
  readonly protocol: string;
}
const entity = (parts: Partial<Parts> = {}) => {
  const { entityId = 'https://idp.example', keys = key(old.certificate), endpoints = endpoint(SIGN_IN) } = parts;
  const { protocol = 'urn:oasis:names:tc:SAML:2.0:protocol' } = parts;
  return `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}"><md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="${protocol}">${keys}${endpoints}</md:IDPSSODescriptor></md:EntityDescriptor>`;
};
const group = (...entities: readonly string[]) =>
  `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${entities.join('')}</md:EntitiesDescriptor>`;
const read = (xml: string) => samlProvider(Buffer.from(xml));

describe('metadata of a SAML provider', () => {
  it('names the provider, its sign-in by Redirect and its signing certificates', () => {
    const endpoints =
      endpoint('https://idp.example/post', 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST') +
      endpoint(SIGN_IN) +
      endpoint('https://idp.example/second');
    const keys =
      key(old.certificate) +
      key(next.certificate, '') +
      key(old.certificate) +
      key(weak.certificate, ' use="encryption"');
    expect(read(entity({ keys, endpoints }))).toEqual({
      entityId: 'https://idp.example',
      signInUrl: 'https://idp.example/sign-in?a=1&b=2',
      certificates: [signingCertificate(old.certificate), signingCertificate(next.certificate)],
    });
  });

  it('is taken where it is the only one of a group', () => {
    expect(read(group(entity())).entityId).toBe('https://idp.example');
  });

  it.each([
    ['no XML', 'hello', /cannot be read/],
    ['with a document type', `<!DOCTYPE x>${entity()}`, /document type/],
    [
      'of a service',
      entity().replaceAll('IDPSSODescriptor', 'SPSSODescriptor'),
      /not the metadata of a SAML identity provider/,
    ],
    ['of two providers', group(entity(), entity()), /several providers/],
    [
      'of a provider twice in one',
      entity().replace(/<md:IDPSSO[^]*<\/md:IDPSSODescriptor>/, (all) => all + all),
      /several providers/,
    ],
    ['without a name', entity({ entityId: ' ' }), /entityID/],
    ['with a name beyond SAML’s bound', entity({ entityId: 'x'.repeat(1025) }), /entityID/],
    ['of SAML 1.1', entity({ protocol: 'urn:oasis:names:tc:SAML:1.1:protocol' }), /does not speak SAML 2.0/],
    [
      'without Redirect',
      entity({ endpoints: endpoint(SIGN_IN, 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP') }),
      /HTTP-Redirect/,
    ],
    ['with a sign-in over http', entity({ endpoints: endpoint('http://idp.example') }), /https/],
    ['with a sign-in by script', entity({ endpoints: endpoint('javascript:alert(1)') }), /https/],
    ['with a password in the address', entity({ endpoints: endpoint('https://a:b@idp.example') }), /https/],
    ['with a name in the address', entity({ endpoints: endpoint('https://a@idp.example') }), /https/],
    ['with a fragment', entity({ endpoints: endpoint('https://idp.example/#a') }), /https/],
    [
      'outside of an EntityDescriptor',
      entity().replaceAll('md:EntityDescriptor', 'md:Organization'),
      /outside of an EntityDescriptor/,
    ],
    ['without a certificate', entity({ keys: '' }), /no certificate/],
    ['with one for encryption alone', entity({ keys: key(old.certificate, ' use="encryption"') }), /no certificate/],
    [
      'with a key of 1,024 bits',
      entity({ keys: key(old.certificate) + key(weak.certificate) }),
      /CN=weak is not RSA of 2,048 bits/,
    ],
    ['with an elliptic key', entity({ keys: key(elliptic.certificate) }), /CN=elliptic is not RSA/],
    ['with a broken certificate', entity({ keys: key('AAAA') }), /cannot be read/],
  ])('%s is refused in a sentence', (_what, xml, sentence) => {
    expect(() => read(xml)).toThrow(UnusableSamlMetadata);
    expect(() => read(xml)).toThrow(sentence);
  });

  it('with six certificates is refused', async () => {
    const six = await Promise.all([1, 2, 3, 4, 5, 6].map(async (n) => key((await selfSigned(`n${n}`)).certificate)));
    expect(() => read(entity({ keys: six.join('') }))).toThrow(/more than 5/);
    expect(read(entity({ keys: six.slice(1).join('') })).certificates).toHaveLength(5);
  });
});
