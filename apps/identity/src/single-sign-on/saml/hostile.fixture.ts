import {
  ACS,
  answerXml,
  ASSERTION,
  AT,
  ENVELOPED,
  EXCLUSIVE,
  type Making,
  PROVIDER,
  responseAround,
  SERVICE,
  signatureOf,
  signed,
  swap,
  withSignature,
} from './answers.fixture.ts';
import type { SamlCheck } from './checks.ts';

/** An answer that must be refused: for what, and how it comes about. */
export type Hostile = readonly [story: string, check: SamlCheck, xml: string];

const STRANGER = 'https://stranger.example';
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';
const SHA1 = { method: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1', digest: 'http://www.w3.org/2000/09/xmldsig#sha1' };
const BOMB =
  '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>';
/** Mallory, in Alice's place: what nobody signed. */
const MALLORY = swap('alice-1', 'mallory-1')(swap('_assertion1', '_forged1')(ASSERTION));
const inObject = (text: string) => `<ds:Object>${text}</ds:Object></ds:Signature>`;

/**
 * Answers that somebody might send, each with one thing wrong.
 * @param key the provider's
 * @param stranger's key, and certificate
 */
export function hostileAnswers(key: string, stranger: { certificate: string; privateKey: string }): readonly Hostile[] {
  const made = (making: Partial<Making>) => answerXml(key, making);
  const stated = (from: string, to: string) => made({ stated: swap(from, to) });
  const onTheWay = (from: string, to: string) => made({ sent: swap(from, to) });
  const alice = signed(ASSERTION, key);
  const signature = signatureOf(ASSERTION, key);
  const around = (assertions: string) => responseAround(assertions);
  const signedResponse = answerXml(key, { signsResponse: true });
  const strangersKey = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${stranger.certificate.replaceAll(/-----[^-]+-----|\s/g, '')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
  const nameId = (text: string) => stated('>alice-1<', `>${text}<`);

  return [
    // Who signed, and what.
    ['unsigned', 'unsigned', around(ASSERTION)],
    ['the Response signed, the assertion not', 'unsigned', signed(around(ASSERTION), key)],
    [
      'a stranger’s key, beside the signature',
      'signature',
      made({ signing: { key: stranger.privateKey, beside: strangersKey } }),
    ],
    [
      'the Response signed by a stranger, the assertion by the provider',
      'signature',
      signed(around(alice), stranger.privateKey),
    ],
    ['another person than was signed', 'signature', onTheWay('alice-1', 'alice-2')],
    ['another address than was signed', 'signature', onTheWay('alice@acme.example', 'boss@acme.example')],
    [
      'the signed Response changed',
      'signature',
      made({
        signsResponse: true,
        sent: swap(
          'ID="_response1" InResponseTo="_request1" IssueInstant="2026',
          'ID="_response1" InResponseTo="_request1" IssueInstant="2025',
        ),
      }),
    ],

    // Algorithms.
    ['RSA-SHA1', 'algorithm', made({ signing: SHA1 })],
    ['a digest by SHA1', 'algorithm', made({ signing: { digest: SHA1.digest } })],
    [
      'canonical with comments',
      'algorithm',
      made({ signing: { transforms: [ENVELOPED, `${EXCLUSIVE}WithComments`] } }),
    ],
    ['canonical by nobody’s rules', 'algorithm', made({ signing: { transforms: [ENVELOPED] } })],
    ['a third transform', 'algorithm', made({ signing: { transforms: [ENVELOPED, EXCLUSIVE, EXCLUSIVE] } })],
    [
      'a transform by XPath',
      'algorithm',
      made({ signing: { transforms: [ENVELOPED, 'http://www.w3.org/TR/1999/REC-xpath-19991116'] } }),
    ],
    [
      'a signature by HMAC with the public key',
      'algorithm',
      onTheWay('xmldsig-more#rsa-sha256', 'xmldsig-more#hmac-sha256'),
    ],

    [
      'a signature whose own text is canonical by other rules',
      'algorithm',
      onTheWay(
        `<ds:CanonicalizationMethod Algorithm="${EXCLUSIVE}"`,
        `<ds:CanonicalizationMethod Algorithm="${EXCLUSIVE}WithComments"`,
      ),
    ],

    // Texts that two readers read differently.
    [
      'a comment within the signed NameID',
      'markup',
      made({ stated: swap('>alice-1<', '>alice<!---->-1<'), signing: { canonical: ASSERTION } }),
    ],
    ['a comment put in after signing', 'markup', onTheWay('>alice-1<', '>alice-1<!--.evil--><')],
    ['CDATA within the NameID', 'markup', onTheWay('>alice-1<', '><![CDATA[alice-1]]><')],
    ['a processing instruction within the NameID', 'markup', nameId('alice<?x y?>-1')],
    ['a comment within the digest', 'markup', onTheWay('<ds:DigestValue>', '<ds:DigestValue><!-- AAAA -->')],
    ['a document type', 'markup', made({ sent: (xml) => `<!DOCTYPE r>${xml}` })],
    [
      'an entity as NameID',
      'markup',
      made({ sent: (xml) => `<!DOCTYPE r [<!ENTITY x "boss">]>${swap('>alice-1<', '>&x;<')(xml)}` }),
    ],
    ['an entity that nobody declared', 'markup', nameId('&x;')],
    ['a billion laughs', 'markup', made({ sent: (xml) => `${BOMB}${swap('>alice-1<', '>&c;<')(xml)}` })],
    ['a stylesheet', 'markup', made({ sent: (xml) => `<?xml version="1.0"?><?xml-stylesheet href="x"?>${xml}` })],
    [
      'a prefix that nobody declared',
      'markup',
      onTheWay('<samlp:Status>', '<other:Thing></other:Thing><samlp:Status>'),
    ],
    ['an attribute twice', 'markup', onTheWay('Version="2.0"', 'Version="2.0" Version="2.0"')],
    ['a second root', 'markup', made({ sent: (xml) => xml + xml })],
    ['an element that never ends', 'markup', made({ sent: (xml) => xml.slice(0, -'</samlp:Response>'.length) })],
    ['10,000 elements within each other', 'markup', onTheWay('<samlp:Status>', '<samlp:x>'.repeat(10_000))],
    [
      '20,000 attributes',
      'markup',
      onTheWay('<samlp:Status>', `<samlp:Status${Array.from({ length: 20_000 }, (_, n) => ` a${n}=""`).join('')}>`),
    ],

    // Something else than an answer.
    [
      'a signed LogoutResponse',
      'response',
      signed(around('').replaceAll('samlp:Response', 'samlp:LogoutResponse'), key),
    ],
    ['a signed LogoutRequest', 'response', signed(around('').replaceAll('samlp:Response', 'samlp:LogoutRequest'), key)],
    ['an assertion by itself', 'response', alice],
    [
      'a Response of SAML 1.1',
      'response',
      onTheWay(
        'IssueInstant="2026-11-29T11:59:55.000Z" Version="2.0"><saml:Issuer xmlns',
        'IssueInstant="2026-11-29T11:59:55.000Z" Version="1.1"><saml:Issuer xmlns',
      ),
    ],
    [
      'a signed NoPassive',
      'denied',
      signed(swap(SUCCESS, 'urn:oasis:names:tc:SAML:2.0:status:Responder')(around('')), key),
    ],
    [
      'a refusal beside a signed assertion',
      'denied',
      onTheWay(SUCCESS, 'urn:oasis:names:tc:SAML:2.0:status:Requester'),
    ],
    [
      'no status',
      'denied',
      onTheWay('<samlp:Status>', '<samlp:Extensions>').replace('</samlp:Status>', '</samlp:Extensions>'),
    ],

    // Wrapping: the signed assertion stands somewhere, and another is read.
    [
      'wrapping 1: the signed Response within a forged one’s signature',
      'assertions',
      withSignature(around(MALLORY), swap('</ds:Signature>', inObject(signedResponse))(signature)),
    ],
    ['wrapping 2: the signed Response beside a forged assertion', 'assertions', around(signedResponse + MALLORY)],
    ['wrapping 3: a forged assertion first', 'assertions', around(MALLORY + alice)],
    [
      'wrapping 4: the signed assertion within the forged one',
      'assertions',
      around(swap('</saml:Assertion>', `${alice}</saml:Assertion>`)(MALLORY)),
    ],
    [
      'wrapping 5: the signature on the forged one, the signed one last',
      'assertions',
      around(withSignature(MALLORY, signature) + ASSERTION),
    ],
    [
      'wrapping 6: the signed one within the signature on the forged one',
      'assertions',
      around(withSignature(MALLORY, swap('</ds:Signature>', `${ASSERTION}</ds:Signature>`)(signature))),
    ],
    [
      'wrapping 7: the forged one within Extensions',
      'assertions',
      around(`<samlp:Extensions>${MALLORY}</samlp:Extensions>${alice}`),
    ],
    [
      'wrapping 8: the signed one within an Object of the signature on the forged one',
      'assertions',
      around(withSignature(MALLORY, swap('</ds:Signature>', inObject(ASSERTION))(signature))),
    ],
    [
      'a signed assertion within Extensions alone',
      'assertions',
      around(`<samlp:Extensions>${alice}</samlp:Extensions>`),
    ],
    [
      'an assertion within the Advice of the signed one',
      'assertions',
      stated('<saml:AuthnStatement', `<saml:Advice>${MALLORY}</saml:Advice><saml:AuthnStatement`),
    ],
    ['two signed assertions', 'assertions', around(alice + signed(MALLORY, key))],
    [
      'an encrypted assertion beside the signed one',
      'assertions',
      around(
        `${alice}<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"></saml:EncryptedAssertion>`,
      ),
    ],
    ['an assertion of another namespace', 'assertions', around(`${alice}<x:Assertion xmlns:x="urn:x"></x:Assertion>`)],
    ['no assertion', 'assertions', around('')],
    ['one id twice', 'ids', onTheWay('ID="_response1"', 'ID="_assertion1"')],
    ['one id twice, once spelled otherwise', 'ids', onTheWay('<samlp:Status>', '<samlp:Status xml:id="_assertion1">')],
    ['an assertion without an id', 'signature-form', around(signed(swap(' ID="_assertion1"', '')(ASSERTION), key))],

    // Forms of signatures.
    [
      'a signature elsewhere',
      'signature-place',
      onTheWay('<samlp:Status>', `${signature}<samlp:Status>`)
        .replace('</saml:Issuer><ds:Signature', '</saml:Issuer><samlp:Extensions><ds:Signature')
        .replace('</ds:Signature><samlp:Status>', '</ds:Signature></samlp:Extensions><samlp:Status>'),
    ],
    ['two signatures of the assertion', 'signature-place', made({ assertion: (xml) => withSignature(xml, signature) })],
    [
      'a signature of another namespace',
      'signature-place',
      onTheWay('<samlp:Status>', '<x:Signature xmlns:x="urn:x"></x:Signature><samlp:Status>'),
    ],
    ['a reference to the Response from the assertion', 'signature-form', made({ signing: { of: '_response1' } })],
    ['a reference to everything', 'signature-form', onTheWay('URI="#_assertion1"', 'URI=""')],
    [
      'two references',
      'signature-form',
      made({ sent: (xml) => xml.replace(/<ds:Reference .*<\/ds:Reference>/, (reference) => reference + reference) }),
    ],
    [
      'two SignedInfo',
      'signature-form',
      made({ sent: (xml) => xml.replace(/<ds:SignedInfo>.*<\/ds:SignedInfo>/, (info) => info + info) }),
    ],
    ['an Object in the signature', 'signature-form', made({ signing: { beside: '<ds:Object></ds:Object>' } })],
    [
      'another method, found first',
      'signature-form',
      onTheWay(
        '<ds:SignedInfo>',
        `<ds:KeyInfo><ds:SignatureMethod Algorithm="${SHA1.method}"></ds:SignatureMethod></ds:KeyInfo><ds:SignedInfo>`,
      ),
    ],
    ['elements within the digest', 'signature-form', onTheWay('<ds:DigestValue>', '<ds:DigestValue><ds:x></ds:x>')],

    [
      'a second digest',
      'signature-form',
      onTheWay('<ds:DigestValue>', '<ds:DigestValue>AAAA</ds:DigestValue><ds:DigestValue>'),
    ],
    [
      'a key of another namespace',
      'signature-form',
      made({ signing: { beside: '<x:KeyInfo xmlns:x="urn:x"></x:KeyInfo>' } }),
    ],

    // Whom it is for, and by whom.
    ['sent to another address', 'destination', onTheWay(`Destination="${ACS}"`, `Destination="${STRANGER}"`)],
    [
      'a signed Response without a destination',
      'destination',
      made({ signsResponse: true, around: swap(` Destination="${ACS}"`, '') }),
    ],
    [
      'a Response by another entity',
      'issuer',
      made({ around: swap(`assertion">${PROVIDER}<`, `assertion">${STRANGER}<`) }),
    ],
    ['an assertion by another entity', 'issuer', stated(`>${PROVIDER}<`, `>${STRANGER}<`)],
    [
      'an assertion by nobody',
      'issuer',
      made({
        stated: swap(`<saml:Issuer>${PROVIDER}</saml:Issuer>`, ''),
        assertion: (xml) => xml.replace(/>/, () => `>${signature}`),
      }),
    ],
    ['for another audience', 'audience', stated(`>${SERVICE}<`, `>${STRANGER}<`)],
    ['for another connection of ours', 'audience', stated(`>${SERVICE}<`, `>${SERVICE.replace('c1', 'c2')}<`)],
    [
      'for us by one restriction, and not by another',
      'audience',
      stated(
        '</saml:Conditions>',
        `<saml:AudienceRestriction><saml:Audience>${STRANGER}</saml:Audience></saml:AudienceRestriction></saml:Conditions>`,
      ),
    ],
    [
      'for any audience',
      'audience',
      made({ stated: (xml) => xml.replace(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, '') }),
    ],
    [
      'under no conditions',
      'audience',
      made({ stated: (xml) => xml.replace(/<saml:Conditions.*<\/saml:Conditions>/, '') }),
    ],
    [
      'under a condition that nobody knows',
      'condition',
      stated('</saml:Conditions>', '<saml:Condition></saml:Condition></saml:Conditions>'),
    ],
    ['for another recipient', 'recipient', stated(`Recipient="${ACS}"`, `Recipient="${STRANGER}"`)],
    ['for any recipient', 'recipient', stated(` Recipient="${ACS}"`, '')],
    ['by who vouches for the sender', 'confirmation', stated('cm:bearer', 'cm:sender-vouches')],
    [
      'confirmed twice',
      'confirmation',
      made({
        stated: (xml) => xml.replace(/<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/, (all) => all + all),
      }),
    ],
    ['confirmed without an end', 'confirmation', stated(` NotOnOrAfter="${AT(300)}" Recipient`, ' Recipient')],
    [
      'an answer to another request',
      'in-response-to',
      made({
        stated: swap('_request1', '_request2'),
        around: swap('InResponseTo="_request1"', 'InResponseTo="_request2"'),
      }),
    ],
    [
      'an answer to nothing',
      'in-response-to',
      made({ stated: swap(' InResponseTo="_request1"', ''), around: swap(' InResponseTo="_request1"', '') }),
    ],
    ['an assertion to another request in a Response to this', 'in-response-to', stated('_request1', '_request2')],
    ['an assertion to nothing in a Response to this', 'in-response-to', stated(' InResponseTo="_request1"', '')],

    [
      'an assertion to this request in a Response to another',
      'in-response-to',
      made({ around: swap('InResponseTo="_request1" IssueInstant', 'InResponseTo="_request2" IssueInstant') }),
    ],

    // When.
    [
      'ended two minutes ago',
      'expired',
      stated(`NotOnOrAfter="${AT(300)}"><saml:Aud`, `NotOnOrAfter="${AT(-120)}"><saml:Aud`),
    ],
    [
      'confirmed until two minutes ago',
      'expired',
      stated(`NotOnOrAfter="${AT(300)}" Rec`, `NotOnOrAfter="${AT(-120)}" Rec`),
    ],
    ['issued seven minutes ago', 'expired', stated(`IssueInstant="${AT(-5)}"`, `IssueInstant="${AT(-420)}"`)],
    ['a session that has ended there', 'expired', stated(AT(36_000), AT(-120))],
    ['valid in two minutes', 'not-yet-valid', stated(`NotBefore="${AT(-10)}"`, `NotBefore="${AT(120)}"`)],
    ['issued in two minutes', 'not-yet-valid', stated(`IssueInstant="${AT(-5)}"`, `IssueInstant="${AT(120)}"`)],
    ['signed in in two minutes', 'not-yet-valid', stated(AT(-20), AT(120))],
    ['a moment of no zone', 'time', stated(`NotBefore="${AT(-10)}"`, 'NotBefore="2026-11-29T11:00:00"')],
    ['a moment that no calendar has', 'time', stated(`NotBefore="${AT(-10)}"`, 'NotBefore="2026-13-29T11:00:00Z"')],

    // Who.
    ['a name of this session only', 'subject', stated('nameid-format:persistent', 'nameid-format:transient')],
    ['a NameID with an element in it', 'subject', nameId('alice-1<saml:x></saml:x>')],
    ['an empty NameID', 'subject', nameId(' ')],
    ['a NameID without end', 'subject', nameId('x'.repeat(1025))],
    ['no NameID', 'subject', made({ stated: (xml) => xml.replace(/<saml:NameID.*<\/saml:NameID>/, '') })],
    [
      'two NameIDs',
      'subject',
      made({ stated: (xml) => xml.replace(/<saml:NameID.*<\/saml:NameID>/, (all) => all + all) }),
    ],
    [
      'no statement of a sign-in',
      'statement',
      made({ stated: (xml) => xml.replace(/<saml:AuthnStatement.*<\/saml:AuthnStatement>/, '') }),
    ],
    [
      'two statements of a sign-in',
      'statement',
      made({ stated: (xml) => xml.replace(/<saml:AuthnStatement.*<\/saml:AuthnStatement>/, (all) => all + all) }),
    ],
  ];
}
