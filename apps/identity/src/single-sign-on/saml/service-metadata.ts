import { DSIG, HTTP_POST, SAML_METADATA, SAMLP, XENC } from '#platform';
import type { Connection } from '../protocol.ts';
import { serviceOf, settingsOf } from './expected.ts';

/**
 * The metadata that a provider is given of us for one connection, XML: who we are, where answers go, and the certificate by which requests are signed
 * and assertions may be encrypted.
 */
export function serviceMetadata(origin: string, connection: Connection): string {
  const { entityId, acs } = serviceOf(origin, connection);
  const certificate = settingsOf(connection).certificate.replaceAll(/-----[A-Z ]+-----|\s/g, '');
  const key = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="${SAML_METADATA}" xmlns:ds="${DSIG}" entityID="${entityId}">
  <md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true" protocolSupportEnumeration="${SAMLP}">
    <md:KeyDescriptor use="signing">${key}</md:KeyDescriptor>
    <md:KeyDescriptor use="encryption">${key}
      <md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>
      <md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes128-gcm"/>
      <md:EncryptionMethod Algorithm="${XENC}rsa-oaep-mgf1p"/>
    </md:KeyDescriptor>
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
    <md:AssertionConsumerService Binding="${HTTP_POST}" Location="${acs}" index="0" isDefault="true"/>
  </md:SPSSODescriptor>
</md:EntityDescriptor>
`;
}
