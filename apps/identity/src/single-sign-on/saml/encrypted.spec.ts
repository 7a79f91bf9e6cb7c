import { selfSigned } from '#testing';
import { ProviderRefused } from '../protocol.ts';
import {
  ALICE,
  answerXml,
  ASSERTION,
  attempt,
  connectionOf,
  type Making,
  NOW,
  ORIGIN,
  posted,
  signed,
  swap,
} from './answers.fixture.ts';
import { encrypted, type Encrypting, oaep } from './encrypted.fixture.ts';
import { saml } from './saml.ts';

const provider = await selfSigned('idp.example');
const service = await selfSigned('id.example.com');
const stranger = await selfSigned('stranger.example');
const protocol = saml(ORIGIN);
const connection = connectionOf(provider, service);

const answered = async (how: Partial<Encrypting> = {}, making: Partial<Making> = {}) => {
  const assertion = making.assertion ?? ((xml: string) => xml);
  const sealing = { ...making, assertion: (xml: string) => encrypted(assertion(xml), service.certificate, how) };
  return protocol.finish(connection, attempt, posted(answerXml(provider.privateKey, sealing)), NOW);
};
const checkOf = async (answer: Promise<unknown>): Promise<string> => {
  const outcome = await answer.catch((error: unknown) => error);
  if (outcome instanceof ProviderRefused) return outcome.check;
  throw new Error('it was not refused', { cause: outcome });
};
const inSigned = { signsResponse: true };

describe('an encrypted assertion', () => {
  it.each<[string, Partial<Encrypting>]>([
    ['AES-256-GCM and OAEP with SHA-1', {}],
    ['AES-128-GCM', { cipher: 'aes128-gcm' }],
    ['AES-192-GCM', { cipher: 'aes192-gcm' }],
    ['OAEP with SHA-256 for both, as Keycloak does by default', oaep('sha256')],
    ['OAEP with SHA-1 for both', oaep('sha1')],
    ['OAEP with SHA-384 for both', oaep('sha384')],
    ['OAEP with SHA-512 for both', oaep('sha512')],
    ['OAEP whose hashes are not said', { wrap: 'rsa-oaep', said: '' }],
    ['its key beside it', { keyBeside: true }],
    ['OAEP of the older kind whose hash is not said', { said: '' }],
  ])('is opened where it is by %s', async (_story, how) => {
    expect(await answered(how)).toEqual(ALICE);
    expect(await answered(how, inSigned)).toEqual(ALICE);
  });

  it('is opened where it brings a declaration along', async () => {
    expect(await answered({}, { assertion: (xml) => `<?xml version="1.0" encoding="UTF-8"?>\n${xml}` })).toEqual(ALICE);
  });

  it.each(['aes128-cbc', 'aes192-cbc', 'aes256-cbc'] as const)(
    'by %s is opened within a signed Response alone',
    async (cipher) => {
      expect(await answered({ cipher }, inSigned)).toEqual(ALICE);
      expect(await checkOf(answered({ cipher }))).toBe('encryption');
    },
  );

  it('by CBC is opened whatever its length', async () => {
    for (let length = 1; length <= 16; length++) {
      const stated = swap('>alice-1<', `>${'x'.repeat(length)}<`);
      const { subject } = await answered({ cipher: 'aes256-cbc' }, { ...inSigned, stated });
      expect(subject).toContain(`"${'x'.repeat(length)}"`);
    }
  });

  it('by CBC is not opened where the Response’s signature is not the provider’s', async () => {
    const sent = (xml: string) => signed(xml, stranger.privateKey);
    expect(await checkOf(answered({ cipher: 'aes256-cbc' }, { sent }))).toBe('signature');
  });

  it.each<[string, Partial<Encrypting>]>([
    ['by RSA 1.5', { wrap: 'rsa-1_5', said: '' }],
    [
      'by OAEP with two hashes, which Node cannot open',
      { ...oaep('sha256'), said: oaep('sha256').said.replace('mgf1sha256', 'mgf1sha1') },
    ],
    ['by OAEP with a label', { said: '<xenc:OAEPparams>AAAA</xenc:OAEPparams>' }],
    ['to another key', { toKey: stranger.certificate }],
    ['with a key of another length', { bits: 256, cipher: 'aes128-gcm' }],
    ['with no padding', { cipher: 'aes256-cbc', padding: 0 }],
    ['with more padding than a block', { cipher: 'aes256-cbc', padding: 17 }],
  ])('is refused where it is %s', async (_story, how) => {
    expect(await checkOf(answered(how, inSigned))).toBe('encryption');
  });

  it.each<[string, string, Partial<Making>]>([
    ['not signed itself', 'unsigned', { assertion: () => ASSERTION }],
    ['signed by a stranger', 'signature', { assertion: () => signed(ASSERTION, stranger.privateKey) }],
    ['for another audience', 'audience', { stated: swap('/sso/c1<', '/sso/c2<') }],
    ['another encrypted one', 'encryption', { assertion: (xml) => encrypted(xml, service.certificate) }],
    ['two assertions', 'encryption', { assertion: (xml) => xml + xml }],
    [
      'another element',
      'encryption',
      { assertion: () => '<saml:Advice xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>' },
    ],
    ['nothing', 'encryption', { assertion: () => '' }],
    [
      'encrypted to two',
      'encryption',
      { sent: (xml) => xml.replace(/<xenc:EncryptedKey.*<\/xenc:EncryptedKey>/, (key) => key + key) },
    ],
    ['no XML', 'encryption', { assertion: () => 'hello' }],
    ['a comment', 'encryption', { assertion: swap('>alice-1<', '>alice<!-- -->-1<') }],
    [
      'an end of the Response, and more',
      'encryption',
      { assertion: (xml) => `${xml}</samlp:Response><samlp:Response>` },
    ],
    ['an id of the Response', 'ids', { stated: swap('_assertion1', '_response1') }],
    [
      'changed in the cipher',
      'encryption',
      { sent: (xml) => xml.replace(/(.*<xenc:CipherValue>.{40}).{8}/, '$1AAAAAAAA') },
    ],
  ])('is judged when opened: refused where it is %s', async (_story, check, making) => {
    expect(await checkOf(answered({}, making))).toBe(check);
  });
});
