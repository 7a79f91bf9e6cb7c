import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { apiKeyDigest, apiKeysIn, looksLikeApiKey, newApiKey } from './api-key.ts';

const INSTALLATION = randomBytes(32).toString('base64url');
const made = (prefix = 'rck') => newApiKey(INSTALLATION, prefix, uuid()).secret;
const other = (letter: string | undefined) => (letter === 'a' ? 'b' : 'a');

describe('a new key', () => {
  it('is never made twice, also of one id, and shows of itself only the end of that id', () => {
    const id = uuid();
    const [one, two] = [newApiKey(INSTALLATION, 'rck', id), newApiKey(INSTALLATION, 'rck', id)];
    expect(one.secret).not.toBe(two.secret);
    expect(one.secret).toMatch(/^rck_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
    expect(one.start).toBe(`rck_…${one.secret.slice(20, 26)}`);
    expect(two.start).toBe(one.start);
  });

  it('is stored as the SHA-256 of all of it', () => {
    const { secret, digest } = newApiKey(INSTALLATION, 'rck', uuid());
    expect([digest, apiKeyDigest('abc')]).toEqual([
      apiKeyDigest(secret),
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    ]);
  });
});

describe('what looks like a key', () => {
  it('is one that this installation has made, under its own prefix', () => {
    const secret = made();
    expect(looksLikeApiKey(INSTALLATION, 'rck', secret)).toBe(true);
    expect(looksLikeApiKey(randomBytes(32).toString('base64url'), 'rck', secret)).toBe(false);
    expect(looksLikeApiKey(INSTALLATION, 'abc', secret)).toBe(false);
    expect(looksLikeApiKey(INSTALLATION, 'rck', made('abc'))).toBe(false);
  });

  it('is none any more when one character of it is another, wherever', () => {
    const secret = made();
    for (let at = 0; at < secret.length; at++) {
      const wrong = secret.slice(0, at) + other(secret[at]) + secret.slice(at + 1);
      expect([at, looksLikeApiKey(INSTALLATION, 'rck', wrong)]).toEqual([at, false]);
    }
  });

  it('is all of a text, not a part of it', () => {
    const secret = made();
    for (const text of [` ${secret}`, `${secret} `, `${secret}\n`, `${secret}0`, secret.slice(0, -1), ''])
      expect([text, looksLikeApiKey(INSTALLATION, 'rck', text)]).toEqual([text, false]);
  });
});

describe('a key of an earlier release', () => {
  const installation = Buffer.alloc(32, 7).toString('base64url');
  const id = '01890a5d-ac96-774b-bcce-b302099a8057';
  const known = 'rck_02tcRIyrxLXTR81B3dqdOx_LEPM0gnx3DcCrpNWp6OcEhoVkphZbECIyozuWD6uo5m_5PvGgk';

  it('still looks like one, and names its id as keys of today do', () => {
    expect(looksLikeApiKey(installation, 'rck', known)).toBe(true);
    expect(newApiKey(installation, 'rck', id).secret.slice(0, 27)).toBe(known.slice(0, 27));
    expect(apiKeyDigest(known)).toBe('ad510f1a834798c3dc93a08c6e5561b24206963b4824ceb1497d48bb6b64427e');
  });
});

describe('the keys in a text', () => {
  it('are found in whatever was pasted, each once, in their order and whatever their prefix', () => {
    const [one, two] = [made(), made('abc')];
    expect(apiKeysIn(`KEY=${one}\n{"key":"${two}"} ${one}`)).toEqual([one, two]);
  });

  it('are the text itself where there is none in it, without the white space around it', () => {
    expect(apiKeysIn('  rck_half \n')).toEqual(['rck_half']);
    expect(apiKeysIn(`x${made().toUpperCase()}`)).toHaveLength(1);
  });

  it('are a hundred at most', () => {
    const many = Array.from({ length: 101 }, () => made());
    expect(apiKeysIn(many.join('\n'))).toEqual(many.slice(0, 100));
  });

  it('do not begin or end inside a longer word', () => {
    const secret = made();
    expect(apiKeysIn(`${secret}0`)).toEqual([`${secret}0`]);
  });
});
