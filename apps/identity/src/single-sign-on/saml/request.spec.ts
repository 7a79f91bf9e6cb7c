import { createVerify } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { allWithin, onlyChild, readXml, SAML, SAMLP, signingCertificate } from '#platform';
import { selfSigned } from '#testing';
import { ACS, attempt, connectionOf, ORIGIN, SERVICE } from './answers.fixture.ts';
import { saml } from './saml.ts';
import { serviceMetadata } from './service-metadata.ts';

const service = await selfSigned('id.example.com');
const connection = connectionOf(await selfSigned('idp.example'), service);
const begun = (anew = false) => saml(ORIGIN).begin(connection, { ...attempt, anew });
const requestIn = (url: URL) =>
  readXml(inflateRawSync(Buffer.from(url.searchParams.get('SAMLRequest') ?? '', 'base64')).toString());

describe('a request of SAML', () => {
  it('goes to the provider’s own address, whatever stands there already', async () => {
    const { origin, pathname, searchParams } = await begun();
    expect([origin, pathname, searchParams.get('tenant')]).toEqual(['https://idp.example', '/sign-in', 'acme']);
  });

  it('has the id and state of the attempt, and says where to answer', async () => {
    const url = await begun();
    const request = requestIn(url);
    expect([request.namespace, request.name]).toEqual([SAMLP, 'AuthnRequest']);
    expect(Object.fromEntries(request.attributes)).toMatchObject({
      ID: attempt.requestId,
      Destination: 'https://idp.example/sign-in?tenant=acme',
      AssertionConsumerServiceURL: ACS,
    });
    expect(onlyChild(request, SAML, 'Issuer')?.text).toBe(SERVICE);
    expect(url.searchParams.get('RelayState')).toBe(attempt.state);
  });

  it('asks for no kind of sign-in and no form of names: these are the provider’s to choose', async () => {
    const request = requestIn(await begun());
    expect(onlyChild(request, SAMLP, 'RequestedAuthnContext')).toBeUndefined();
    expect(onlyChild(request, SAMLP, 'NameIDPolicy')?.attributes.has('Format')).toBe(false);
  });

  it('asks for a sign-in anew where that is wanted, and only there', async () => {
    const forced = async (anew: boolean) => requestIn(await begun(anew)).attributes.get('ForceAuthn');
    expect([await forced(false), await forced(true)]).toEqual([undefined, 'true']);
  });

  it('is signed by our key of the connection with RSA-SHA256', async () => {
    const { searchParams } = await begun();
    expect(searchParams.get('SigAlg')).toBe('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256');
    const signed = ['SAMLRequest', 'RelayState', 'SigAlg']
      .map((name) => `${name}=${encodeURIComponent(searchParams.get(name) ?? '')}`)
      .join('&');
    const signature = searchParams.get('Signature') ?? '';
    expect(createVerify('RSA-SHA256').update(signed).verify(service.certificate, signature, 'base64')).toBe(true);
  });
});

describe('what a provider is told of us', () => {
  const metadata = readXml(serviceMetadata(ORIGIN, connection));
  const named = (name: string) => [...allWithin(metadata)].filter((element) => element.name === name);

  it('is who we are for this connection, and where answers go', () => {
    expect(metadata.attributes.get('entityID')).toBe(SERVICE);
    expect(named('AssertionConsumerService').map(({ attributes }) => attributes.get('Location'))).toEqual([ACS]);
    expect(named('SPSSODescriptor')[0]?.attributes.get('WantAssertionsSigned')).toBe('true');
  });

  it('has our certificate, for signing and for encrypting', () => {
    expect(named('KeyDescriptor').map(({ attributes }) => attributes.get('use'))).toEqual(['signing', 'encryption']);
    expect(new Set(named('X509Certificate').map(({ text }) => signingCertificate(text).trim()))).toEqual(
      new Set([service.certificate.trim()]),
    );
  });
});
