import { readBrand } from '#platform';
import { escape } from './letter.ts';
import { type LetterName, letters, PRIORITIES, priorityOf, WITHOUT_LINK } from './letters.ts';

const told = {
  origin: 'https://quantum.example',
  brand: readBrand(),
  token: 'a-b_c',
  suspendAt: '2026-07-01T00:00:00.000Z',
  reason: 'inactivity',
  kind: 'passkey',
  left: 2,
  accountId: '01890a5d-ac96-774b-bcce-b302099a8057',
  dueAt: '2026-07-04T00:00:00.000Z',
  from: '2026-07-08T00:00:00.000Z',
  domain: 'acme.example',
  since: '2026-07-01T00:00:00.000Z',
  expiresAt: '2026-07-31T00:00:00.000Z',
  keyId: '01890a5d-ac96-774b-bcce-b302099a8058',
  keyName: 'laptop',
  projectName: 'Mill',
  daysLeft: 14,
} as const;
const names = Object.keys(letters) as LetterName[];

describe('every letter', () => {
  it.each(names)('%s has a subject, a text and an HTML part with the same link', (name) => {
    const { subject, text, html } = letters[name](told);
    expect(subject).toMatch(/^[A-Z][^\r\n]{5,60}$/);
    const [link] = /https:\/\/quantum\.example\/\S+/.exec(text) ?? [];
    expect(link).toBeDefined();
    expect(html).toContain(`href="${link ?? ''}"`);
    expect(html.match(/<a /g)).toHaveLength(1);
  });
});

/** The page of each link that has a token. */
const SPENT_AT: Partial<Record<LetterName, string>> = {
  'sign-up': 'verify',
  'invitation': 'invitation',
  'password-reset': 'reset',
  'address-confirm': 'address',
  'address-changed': 'address/undo',
  'recovery-confirm': 'recovery',
  'recovery-approved': 'recovery/cancel',
  'recovery-ready': 'recovery/complete',
  'reactivation': 'reactivate',
  'binding-link': 'sso/bind',
  'joining-link': 'sso/bind',
};

it('puts tokens into the fragment, of the page where they are spent, once', () => {
  for (const [name, page] of Object.entries(SPENT_AT)) {
    const { text } = letters[name as LetterName](told);
    expect(text).toContain(`https://quantum.example/${page}#token=a-b_c\n`);
    expect(text.split('a-b_c')).toHaveLength(2);
  }
});

it('puts no token into a letter that needs none', () => {
  for (const name of names.filter((each) => SPENT_AT[each] === undefined))
    expect(letters[name](told).text + letters[name](told).html).not.toContain('a-b_c');
});

it('writes a letter that needs no link where none is allowed', () => {
  for (const instead of Object.values(WITHOUT_LINK))
    expect(letters[instead]({ ...told, token: undefined }).text).toContain('https://quantum.example/sign-in\n');
});

it('writes no letter without what it is about', () => {
  for (const name of Object.keys(SPENT_AT) as LetterName[])
    expect(() => letters[name]({ ...told, token: undefined })).toThrow('token');
  const bare = { origin: told.origin, brand: told.brand, token: undefined };
  for (const name of ['factor-added', 'recovery-code-spent', 'inactivity-warning', 'second-factor-demanded'] as const)
    expect(() => letters[name](bare)).toThrow('needs');
});

it.each(names)('%s says what to do if it was not you, or whom to ask, or that nothing need be done', (name) => {
  expect(letters[name](told).text).toMatch(
    /If it was not you|If it was neither you|If you did not ask|If you do not know|If you do not need|If you see jobs|You need not do anything|Sign in to see|Set a new one/,
  );
});

it.each(names)('%s holds no address but of our own pages', (name) => {
  const { text, html } = letters[name](told);
  for (const [url] of `${text}\n${html}`.matchAll(/https?:\/\/[^\s"<]+/g))
    expect(url).toMatch(/^https:\/\/quantum\.example\/[a-z/-]+([0-9a-f-]{36})?(#token=a-b_c)?$/);
});

it('serves first who waits for a letter, then who must hear of something, then all others', () => {
  const of = (priority: number) => names.filter((name) => priorityOf(name) === priority);
  expect(PRIORITIES.flatMap(of)).toHaveLength(names.length);
  expect(of(1)).toEqual(
    expect.arrayContaining(['sign-up', 'password-reset', 'address-confirm', 'reactivation', 'recovery-ready']),
  );
  expect(of(2)).toEqual(
    expect.arrayContaining(['password-changed', 'factor-added', 'new-device', 'key-leaked', 'address-changed']),
  );
  expect(of(3)).toEqual([
    'inactivity-warning',
    'second-factor-demanded',
    'domain-missing',
    'domain-lapsed',
    'certificate-expiring',
    'subject-unbound',
    'key-expiring',
    'suspended',
  ]);
});

it('says of a suspension how to come back: alone, unless an operator did it', () => {
  expect(letters.suspended(told).text).toContain('by yourself');
  expect(letters.suspended(told).text).toContain('https://quantum.example/reactivate\n');
  const { text } = letters.suspended({ ...told, reason: 'operator' });
  expect(text).not.toContain('/reactivate');
  expect(text).toContain('ask whoever runs this installation');
});

it.each([
  [0, 'none is left. Make new ones'],
  [1, 'one is left. Make new ones'],
  [9, '9 are left. If it was you'],
])('counts recovery codes: %d', (left, said) => {
  expect(letters['recovery-code-spent']({ ...told, left }).text).toContain(said);
});

it('tells the old mailbox plainly who can undo a change of address', () => {
  expect(letters['address-changed'](told).text).toContain(
    'Without a second factor, whoever reads this mailbox can undo it, too.',
  );
});

it('warns of inactivity with date and zone, what stops, what is kept, and how to stay', () => {
  const { subject, text } = letters['inactivity-warning'](told);
  expect(subject).toContain('inactivity');
  expect(text).toMatch(/Wednesday,? 1 July 2026 at 00:00 UTC/);
  for (const part of ['What stops', 'What is kept', 'To stay active', 'https://quantum.example/sign-in'])
    expect(text).toContain(part);
});

it('says which key of which project expires, when, and where it is rotated', () => {
  const { subject, text, html } = letters['key-expiring']({ ...told, keyName: '<b>"lab"</b>' });
  expect(subject).toBe('An API key of yours expires in 14 days');
  expect(text).toMatch(
    /"<b>"lab"<\/b>" of the project "Mill" expires in 14 days, on Friday,? 31 July 2026 at 00:00 UTC/,
  );
  expect(text).toContain(`https://quantum.example/keys/${told.keyId}\n`);
  expect(html).not.toContain('<b>');
  expect(letters['key-expiring']({ ...told, daysLeft: 1 }).subject).toContain('within a day');
});

it('escapes what HTML would take for its own', () => {
  expect(escape(`<a href="x">'&'`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;');
});
