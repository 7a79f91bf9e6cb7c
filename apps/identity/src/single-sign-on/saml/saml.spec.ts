import fc from 'fast-check';
import { selfSigned } from '#testing';
import { type Answer, type Attempt, type Connection, ProviderRefused, type SamlSettings } from '../protocol.ts';
import {
  ALICE,
  answerXml,
  AT,
  attempt,
  connectionOf,
  type Making,
  NOW,
  ORIGIN,
  posted,
  PROVIDER,
  SERVICE,
  swap,
} from './answers.fixture.ts';
import { hostileAnswers } from './hostile.fixture.ts';
import { saml } from './saml.ts';

const provider = await selfSigned('idp.example');
const stranger = await selfSigned('stranger.example');
const connection = connectionOf(provider, await selfSigned('id.example.com'));
const protocol = saml(ORIGIN);

interface Case {
  readonly connection: Connection;
  readonly attempt: Attempt;
  readonly now: Date;
}
const judged = (answer: Answer, change: Partial<Case> = {}) => {
  const given = { connection, attempt, now: NOW, ...change };
  return protocol.finish(given.connection, given.attempt, answer, given.now);
};
const answered = (making: Partial<Making> = {}, change: Partial<Case> = {}) =>
  judged(posted(answerXml(provider.privateKey, making)), change);
const checkOf = async (answer: Promise<unknown>): Promise<string> => {
  const outcome = await answer.catch((error: unknown) => error);
  if (outcome instanceof ProviderRefused) return outcome.check;
  throw new Error('it was not refused', { cause: outcome });
};
const settings = (change: Partial<SamlSettings>) => ({
  connection: { ...connection, saml: connection.saml && { ...connection.saml, ...change } },
});
const attribute = (name: string, ...values: readonly string[]) =>
  swap(
    '<saml:AttributeStatement>',
    `<saml:AttributeStatement><saml:Attribute Name="${name}">${values.map((v) => `<saml:AttributeValue>${v}</saml:AttributeValue>`).join('')}</saml:Attribute>`,
  );

describe('an answer of a SAML provider', () => {
  it('vouches for whom it names, where the assertion alone is signed', async () => {
    expect(await answered()).toEqual(ALICE);
  });

  it('vouches for whom it names, where the Response is signed as well', async () => {
    expect(await answered({ signsResponse: true })).toEqual(ALICE);
  });

  it('is read in the dialect of .NET, without prefixes', async () => {
    const unprefixed = (xml: string) => xml.replaceAll(/(<\/?)saml:/g, '$1').replace('xmlns:saml', 'xmlns');
    expect(await answered({ stated: unprefixed })).toEqual(ALICE);
  });

  it('is read in the dialect of Okta and Shibboleth, whose values have types and whose prefixes are listed', async () => {
    const XS = 'http://www.w3.org/2001/XMLSchema';
    const typed = (xml: string) =>
      xml
        .replace(' ID=', ` xmlns:xs="${XS}" ID=`)
        .replaceAll('<saml:AttributeValue>', `<saml:AttributeValue xmlns:xsi="${XS}-instance" xsi:type="xs:string">`);
    expect(await answered({ stated: typed, signing: { prefixes: 'xs' } })).toEqual(ALICE);
  });

  it('is read in the dialect of Java, whose base64 has carriage returns', async () => {
    const lines = (xml: string) => xml.replace(/(<ds:SignatureValue>.{76})/, '$1&#13;\n');
    expect(await answered({ sent: lines })).toEqual(ALICE);
  });

  it('is read with other line ends, a declaration and a byte order mark', async () => {
    const windows = (xml: string) => `\uFEFF<?xml version="1.0" encoding="UTF-8"?>\r\n${xml}\r\n`;
    expect(await answered({ sent: windows })).toEqual(ALICE);
  });

  it.each([
    'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
    'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
  ])('is verified by %s', async (method) => {
    expect(await answered({ signing: { method, digest: 'http://www.w3.org/2001/04/xmlenc#sha512' } })).toEqual(ALICE);
  });

  it('is verified by whichever pinned certificate fits, ended or not', async () => {
    const later = new Date('2027-06-01T00:00:00Z');
    const moved = (xml: string) =>
      xml
        .replaceAll('2026-11-29', '2027-06-01')
        .replaceAll('2026-11-30', '2027-06-02')
        .replaceAll('T11:59', 'T00:00')
        .replaceAll('T12:0', 'T00:0');
    const pinned = settings({ certificates: [stranger.certificate, provider.certificate] });
    expect(await answered({ stated: moved }, { ...pinned, now: later })).toMatchObject({ subject: ALICE.subject });
  });

  it('is taken with the conditions of one use and of no proxy', async () => {
    const more = swap(
      '</saml:Conditions>',
      '<saml:OneTimeUse></saml:OneTimeUse><saml:ProxyRestriction Count="0"></saml:ProxyRestriction></saml:Conditions>',
    );
    expect(await answered({ stated: more })).toEqual(ALICE);
  });

  it('is taken where it is for us and for others', async () => {
    const others = swap('<saml:Audience>', '<saml:Audience>https://other.example</saml:Audience><saml:Audience>');
    expect(await answered({ stated: others })).toEqual(ALICE);
  });

  it('names the same assertion each time that it is sent: it is for whoever spends it to take it once', async () => {
    const answer = posted(answerXml(provider.privateKey));
    expect(await Promise.all([judged(answer), judged(answer)])).toEqual([ALICE, ALICE]);
  });

  it.each(['issuer', '__proto__', 'constructor', 'nameID', 'toString'])(
    'is not confused by an attribute %s',
    async (name) => {
      expect(await answered({ stated: attribute(name, 'evil') })).toEqual(ALICE);
    },
  );

  it('is refused or says the same, whatever byte of it is changed', async () => {
    const text = Buffer.from(answerXml(provider.privateKey, { signsResponse: false }));
    const flipped = fc.tuple(fc.nat(text.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(flipped, async ([at, change]) => {
        const bytes = Buffer.from(text);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        const outcome = await judged({ query: undefined, samlResponse: bytes.toString('base64') }).catch(
          (error: unknown) => error,
        );
        if (!(outcome instanceof ProviderRefused)) expect(outcome).toEqual(ALICE);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a hostile answer', () => {
  it.each(hostileAnswers(provider.privateKey, stranger))('%s: refused for its %s', async (_story, check, xml) => {
    expect(await checkOf(judged(posted(xml)))).toBe(check);
  });

  it.each([
    ['nothing', 'size', ''],
    ['more than is read', 'size', 'A'.repeat(350_001)],
    ['as much as is read', 'markup', 'A'.repeat(350_000)],
    ['no base64', 'base64', 'PHg+!'],
    ['base64 in another spelling', 'base64', 'PHgvPg'],
    ['no UTF-8', 'markup', Buffer.from([0x3c, 0x78, 0xff, 0x2f, 0x3e]).toString('base64')],
    ['UTF-16', 'markup', Buffer.from('\uFEFF<x/>', 'utf16le').toString('base64')],
  ])('%s: refused for its %s', async (_story, check, samlResponse) => {
    expect(await checkOf(judged({ query: undefined, samlResponse }))).toBe(check);
  });

  it('without a form: refused', async () => {
    expect(await checkOf(judged({ query: 'SAMLResponse=x', samlResponse: undefined }))).toBe('size');
  });
});

describe('the clock of a provider', () => {
  const from = (name: string, seconds: number) => `${name}="${AT(seconds)}"`;

  it.each([
    ['IssueInstant', from('IssueInstant', -5), 60, 61, 'not-yet-valid'],
    ['IssueInstant', from('IssueInstant', -5), -359, -360, 'expired'],
    ['NotBefore', from('NotBefore', -10), 60, 61, 'not-yet-valid'],
    ['NotOnOrAfter', from('NotOnOrAfter', 300), -59, -60, 'expired'],
    ['AuthnInstant', from('AuthnInstant', -20), 60, 61, 'not-yet-valid'],
    ['SessionNotOnOrAfter', from('SessionNotOnOrAfter', 36_000), -59, -60, 'expired'],
  ])('may be a minute from ours, by %s', async (name, said, taken, refused, check) => {
    const saying = (seconds: number) => answered({ stated: (xml) => xml.replaceAll(said, from(name, seconds)) });
    expect(await saying(taken)).toMatchObject({ subject: ALICE.subject });
    expect(await checkOf(saying(refused))).toBe(check);
  });
});

describe('a sign-in that is to be anew', () => {
  const anew = { attempt: { ...attempt, anew: true } };

  it('is taken where the person signed in since it began, by the clock of either', async () => {
    expect(await answered({}, anew)).toEqual(ALICE);
    expect(await answered({ stated: swap(AT(-20), AT(-90)) }, anew)).toMatchObject({ subject: ALICE.subject });
  });

  it('is asked for by its attempt alone: others take what was hours ago', async () => {
    expect(await answered({ stated: swap(AT(-20), AT(-20_000)) })).toMatchObject({ subject: ALICE.subject });
  });

  it('is refused where they did so before', async () => {
    expect(await checkOf(answered({ stated: swap(AT(-20), AT(-91)) }, anew))).toBe('not-fresh');
  });
});

describe('the person of an answer', () => {
  const subjectOf = async (making: Partial<Making>, change: Partial<Case> = {}) =>
    (await answered(making, change)).subject;
  const qualified = (value: string) => ({ stated: swap('persistent">', `persistent" NameQualifier="${value}">`) });

  it('is another under another format or qualifier', async () => {
    const format = { stated: swap('nameid-format:persistent', 'nameid-format:kerberos') };
    const audience = qualified(`${PROVIDER}" SPNameQualifier="other`);
    const subjects = await Promise.all([{}, format, qualified('other'), audience].map((making) => subjectOf(making)));
    expect(new Set(subjects).size).toBe(4);
  });

  it('is the same where the provider qualifies the name by itself', async () => {
    const making = qualified(`${PROVIDER}" SPNameQualifier="${SERVICE}`);
    expect(await subjectOf(making)).toBe(ALICE.subject);
  });

  it('is the same whether a format is left open or said to be', async () => {
    const said = swap('2.0:nameid-format:persistent', '1.1:nameid-format:unspecified');
    const open = swap(' Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"', '');
    expect(await subjectOf({ stated: open })).toBe(await subjectOf({ stated: said }));
  });

  it('is named by the chosen attribute, whatever the NameID is', async () => {
    const byAttribute = settings({ subjectAttribute: 'employee' });
    const transient = swap('nameid-format:persistent', 'nameid-format:transient');
    expect(await subjectOf({ stated: (xml) => transient(attribute('employee', '17')(xml)) }, byAttribute)).toBe(
      '["attribute","employee","17"]',
    );
  });

  it.each([
    ['without a value', []],
    ['with two', ['17', '18']],
    ['with an empty one', ['']],
  ])('is nobody where the chosen attribute is %s', async (_story, values) => {
    const byAttribute = settings({ subjectAttribute: 'employee' });
    expect(await checkOf(answered({ stated: attribute('employee', ...values) }, byAttribute))).toBe('subject');
  });
});

describe('the address of an answer', () => {
  const without = swap('Name="email"', 'Name="fax"');
  const emailOf = async (stated: (xml: string) => string, change: Partial<Case> = {}) =>
    (await answered({ stated }, change)).email;

  it.each([
    'mail',
    'Email',
    'emailAddress',
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
    'http://schemas.xmlsoap.org/claims/EmailAddress',
    'urn:oid:0.9.2342.19200300.100.1.3',
    'urn:oid:1.2.840.113549.1.9.1',
  ])('is found under %s', async (name) => {
    expect(await emailOf((xml) => attribute(name, ' a@acme.example ')(without(xml)))).toBe('a@acme.example');
  });

  it('is the NameID where that is an address and nothing else is one', async () => {
    const address = swap('2.0:nameid-format:persistent">alice-1<', '1.1:nameid-format:emailAddress">a@acme.example<');
    expect(await emailOf((xml) => address(without(xml)))).toBe('a@acme.example');
  });

  it('is none where nothing is one', async () => {
    expect(await emailOf(without)).toBeUndefined();
    expect(await emailOf((xml) => attribute('mail', ' ')(without(xml)))).toBeUndefined();
    expect(await emailOf((xml) => attribute('mail', '<saml:x></saml:x>')(without(xml)))).toBeUndefined();
  });

  it('is that of the chosen attribute alone', async () => {
    const chosen = settings({ emailAttribute: 'work' });
    expect(await emailOf(attribute('work', 'w@acme.example'), chosen)).toBe('w@acme.example');
    expect(await emailOf((xml) => xml, chosen)).toBeUndefined();
  });

  it('is verified where the provider says so, and refused where it says that it is not', async () => {
    expect((await answered({ stated: attribute('email_verified', 'true') })).emailVerified).toBe(true);
    expect(await checkOf(answered({ stated: attribute('emailVerified', 'False') }))).toBe('email-verified');
  });
});

describe('the name of an answer', () => {
  const without = swap('Name="displayName"', 'Name="nick"');
  const nameOf = async (stated: (xml: string) => string) => (await answered({ stated })).name;

  it.each(['name', 'http://schemas.microsoft.com/identity/claims/displayname', 'urn:oid:2.16.840.1.113730.3.1.241'])(
    'is found under %s',
    async (name) => {
      expect(await nameOf((xml) => attribute(name, 'Al')(without(xml)))).toBe('Al');
    },
  );

  it.each([
    ['givenName', 'surname'],
    ['firstName', 'lastName'],
    [
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname',
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname',
    ],
    ['urn:oid:2.5.4.42', 'urn:oid:2.5.4.4'],
    ['givenName', 'sn'],
  ])('is made of %s and %s', async (given, family) => {
    expect(await nameOf((xml) => attribute(family, 'Archer')(attribute(given, 'Al')(without(xml))))).toBe('Al Archer');
  });

  it('is none where nothing is one', async () => {
    expect(await nameOf(without)).toBeUndefined();
  });
});
