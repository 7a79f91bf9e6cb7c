import { escape } from './letter.ts';
import { type LetterName, letters } from './letters.ts';

const told = {
  origin: 'https://quantum.example',
  token: 'a-b_c',
  suspendAt: '2026-07-01T00:00:00.000Z',
  reason: 'inactivity',
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

it('puts tokens into the fragment, of the page where they are spent', () => {
  expect(letters['sign-up'](told).text).toContain('https://quantum.example/verify#token=a-b_c\n');
  expect(letters.invitation(told).text).toContain('https://quantum.example/invitation#token=a-b_c\n');
});

it('puts no token into a letter that needs none', () => {
  for (const name of [
    'already-registered',
    'key-leaked',
    'key-leaked-owners',
    'inactivity-warning',
    'suspended',
  ] as const)
    expect(letters[name](told).text + letters[name](told).html).not.toContain('a-b_c');
});

it('warns of inactivity with date and zone, what stops, what is kept, and how to stay', () => {
  const { subject, text } = letters['inactivity-warning'](told);
  expect(subject).toContain('inactivity');
  expect(text).toMatch(/Wednesday,? 1 July 2026 at 00:00 UTC/);
  for (const part of ['What stops', 'What is kept', 'To stay active', 'https://quantum.example/sign-in'])
    expect(text).toContain(part);
});

it('escapes what HTML would take for its own', () => {
  expect(escape(`<a href="x">'&'`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;');
});
