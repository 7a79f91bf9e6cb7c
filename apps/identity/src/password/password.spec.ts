import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '#platform';
import { hash } from 'argon2';
import { BreachedPasswords } from './breached-passwords.ts';
import { isCommon } from './common-passwords.ts';
import { Passwords, requireGoodPassword } from './password.ts';

const ABOUT = ['ada.lovelace@example.com', 'ada.lovelace', 'Ada Lovelace'];
const GOOD = 'a long walk in the rain';

/** `true`: long enough to stand alone; `false`: not; a text: why it was refused. */
function judged(password: string, { alone } = { alone: true }): boolean | string {
  try {
    return requireGoodPassword(password, ABOUT, { alone });
  } catch (error) {
    if (error instanceof Problem) return error.facts.fields?.[0]?.detail ?? error.code;
    throw error;
  }
}

describe('the rules of a password', () => {
  it('count characters as people see them: 15 where it stands alone, 8 beside a second factor', () => {
    const [short, least] = ['vq8 zm2 kx7 wj', 'vq8 zm2 kx7 wj4'];
    expect(judged(short)).toMatch(/^Use at least 15 characters/);
    expect([judged(least), judged(least, { alone: false })]).toEqual([true, true]);
    expect([judged(short, { alone: false }), judged('vq8zm2kx', { alone: false })]).toEqual([false, false]);
    expect(judged('vq8zm2k', { alone: false })).toMatch(/^Use at least 8 characters/);
    // Fifteen pairs of surrogates, and fifteen letters of two code points each, of which seven and a half would be too few.
    expect(judged('🐙🦑🦀🐠🐳🐢🐌🦋🐝🐞🕷🦂🐍🦎🦖')).not.toMatch(/^Use at least/);
    expect(judged(`${'e\u0301'.repeat(7)}vq8zm2k`)).toMatch(/^Use at least 15/);
  });

  it('take 1,024 bytes', () => {
    const long = Array.from({ length: 512 }, (_, i) => String.fromCodePoint(0x400 + (i % 100))).join('');
    expect([judged(long), judged(`${long}x`)]).toEqual([true, 'Use at most 1024 bytes.']);
  });

  it.each(['half of a character \ud83d', '\udc19 half of a character', 'half of a character \uFFFD'])(
    'take no character that is none, and say so',
    (password) => {
      expect(judged(password)).toMatch(/half of a character/);
    },
  );
});

describe('a common password', () => {
  const refused = (password: string) => judged(password, { alone: false }) === 'is too easy to guess';

  it.each(readFileSync('tools/common-passwords/long.txt', 'utf8').trim().split('\n'))('is refused: %s', (password) => {
    expect(refused(password)).toBe(true);
  });

  it.each([
    'password',
    'qwertyuiop',
    'P@ssw0rd',
    'p4$$w0rd!',
    'Pa55word',
    'PASSWORD password',
    'sunshine-sunshine',
    'SunshineSunshineSunshine',
    'monkeymonkeymonkey',
    'b@seb@llb@seb@ll',
    'Trustno1 trustno1',
    'correct horse battery staple',
    '１２３４５６７８９',
    'aaaaaaaabbbbbbbb',
    '!!!!!!!!!!!!!!!!',
    'liverpoolliverpool',
  ])('is refused however it is dressed: %s', (password) => {
    expect(refused(password)).toBe(true);
  });

  it.each([
    'Ada Lovelace',
    'adalovelace1815',
    'ada.lovelace@example.com',
    'lovelace-lovelace',
    'L0velace 1815!',
    'RollcallRollcall',
    'rollcall password',
    'Rollcall2026!!!!',
  ])('is what everybody knows of its holder, or of where it is for: %s', (password) => {
    expect(refused(password)).toBe(true);
  });

  it.each([
    GOOD,
    'a quiet river at night',
    'zebra gravel cactus nine',
    'vq8zm2kx',
    'lovelace knew seven engines',
    'пароль из пяти слов',
  ])('is none: %s', (password) => {
    expect(refused(password)).toBe(false);
  });

  it('is hardly ever one that nobody knows', () => {
    const nobodys = (i: number) => createHash('sha256').update(String(i)).digest('base64url').slice(0, 12);
    const hits = Array.from({ length: 20_000 }, (_, i) => nobodys(i)).filter(isCommon);
    expect(hits).toEqual([]);
  });

  it('is found in a list that is sorted, and no larger than 3 MB', () => {
    const file = 'apps/identity/common-passwords.bin';
    const list = readFileSync(file).toString('hex').match(/.{10}/g) ?? [];
    expect(statSync(file).size).toBeLessThan(3_000_000);
    expect(list.every((record, at) => at === 0 || record > (list[at - 1] ?? ''))).toBe(true);
  });
});

describe("an operator's file of passwords from breaches", () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-breached-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const sha1 = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase();
  const known = Array.from({ length: 999 }, (_, i) => `found in breach ${i}`);
  const write = (lines: readonly string[], end: string, last: string) => {
    const path = join(folder, randomBytes(8).toString('hex'));
    writeFileSync(path, lines.join(end) + last);
    return path;
  };

  it.each([
    ['as it is given out', known.map((text, i) => `${sha1(text)}:${(i * 7919) % 1_000_000}`), '\r\n', '\r\n'],
    ['without counts, in lower case', known.map((text) => sha1(text).toLowerCase()), '\n', ''],
  ] as const)('is searched %s: each is found, and no other', (_how, lines, end, last) => {
    const file = new BreachedPasswords(write(lines.toSorted(), end, last));
    expect(known.filter((text) => !file.has(text))).toEqual([]);
    expect(known.filter((text) => file.has(`${text}!`))).toEqual([]);
    file.close();
  });

  it('may be empty, and has to be there', () => {
    expect(new BreachedPasswords(write([], '', '')).has(GOOD)).toBe(false);
    expect(() => new BreachedPasswords(join(folder, 'none'))).toThrow('ENOENT');
  });

  it('refuses what is in it', () => {
    const passwords = new Passwords(1, write([sha1(GOOD)], '\n', '\n'));
    expect(() => passwords.requireGood(GOOD, [], { alone: true })).toThrow(/^password\/too-common/);
    expect(passwords.requireGood(`${GOOD}!`, [], { alone: true })).toBe(true);
  });
});

describe('a password that is compared', () => {
  const passwords = new Passwords(2);
  const [composed, decomposed] = ['schöne lange wörter'.normalize('NFC'), 'schöne lange wörter'.normalize('NFD')];

  it('is the same however its letters were composed', async () => {
    const digest = await passwords.hash(decomposed);
    expect(await Promise.all([composed, decomposed].map((typed) => passwords.verify(digest, typed)))).toEqual([
      true,
      true,
    ]);
    expect(await passwords.verify(digest, `${composed}!`)).toBe(false);
  });

  it('opens a digest of before, made of it as it was typed', async () => {
    const digest = await hash(decomposed);
    expect(await Promise.all([composed, decomposed].map((typed) => passwords.verify(digest, typed)))).toEqual([
      false,
      true,
    ]);
  });

  it('opens nothing where there is no digest, or an erased one', async () => {
    for (const digest of [undefined, '', 'erased', '$2b$10$abcdefghijklmnopqrstuv'])
      expect(await passwords.verify(digest, 'nobody has this password')).toBe(false);
  });
});

describe('a flood of tries', () => {
  it('is told to come back later, and keeps nobody waiting whose device is known', async () => {
    const passwords = new Passwords(1);
    const digest = await passwords.hash('a long walk in the rain');
    const done: string[] = [];
    const flood = Array.from({ length: 33 }, async (_, n) => {
      await passwords.verify(undefined, 'another password here');
      done.push(`guess ${n}`);
    });
    await expect(passwords.verify(undefined, 'one more')).rejects.toMatchObject({ code: 'service/busy' });
    expect(await passwords.verify(digest, 'a long walk in the rain', { first: true })).toBe(true);
    expect(done.length).toBeLessThan(5);
    await Promise.all(flood);
  });
});
