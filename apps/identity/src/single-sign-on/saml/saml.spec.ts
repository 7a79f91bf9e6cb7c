import { selfSigned } from '#testing';
import { ALICE, answerXml, attempt, connectionOf, type Making, NOW, ORIGIN, posted } from './answers.fixture.ts';
import { saml } from './saml.ts';

const [provider, service] = await Promise.all(['idp.example', 'id.example.com'].map((name) => selfSigned(name)));
if (provider === undefined || service === undefined) throw new Error('no keys');
const connection = connectionOf(provider, service);
const protocol = saml(ORIGIN);
const judged = (xml: string) => protocol.finish(connection, attempt, posted(xml), NOW);
const answered = (making: Partial<Making> = {}) => judged(answerXml(provider.privateKey, making));

describe('an answer of a SAML provider', () => {
  it('vouches for whom it names, where the assertion alone is signed', async () => {
    expect(await answered()).toEqual(ALICE);
  });

  it('vouches for whom it names, where the Response is signed as well', async () => {
    expect(await answered({ signsResponse: true })).toEqual(ALICE);
  });
});
