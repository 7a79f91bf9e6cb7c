import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { isLinkToken, linkSubjectId, type LinkSubject, linkToken } from './link-token.ts';

const KEY = randomBytes(32).toString('base64url');
const subject: LinkSubject = { id: uuid(), eventId: uuid(), purpose: 'sign-up' };

describe('the token of a mailed link', () => {
  const token = linkToken(KEY, subject);

  it('is the same each time, and says what it is about', () => {
    expect(linkToken(KEY, { ...subject })).toBe(token);
    expect(linkSubjectId(token)).toBe(subject.id);
  });

  it('opens what it was derived from, and nothing else', () => {
    expect(isLinkToken(KEY, token, subject)).toBe(true);
    for (const change of [{ id: uuid() }, { eventId: uuid() }, { purpose: 'invitation' as const }])
      expect([change, isLinkToken(KEY, token, { ...subject, ...change })]).toEqual([change, false]);
  });

  it('opens nothing of another installation', () => {
    expect(isLinkToken(randomBytes(32).toString('base64url'), token, subject)).toBe(false);
  });

  it('opens nothing when a byte of its proof is another, or is missing', () => {
    const bytes = Buffer.from(token, 'base64url');
    for (let at = 16; at < bytes.length; at++) {
      const wrong = Buffer.from(bytes);
      wrong[at] = (wrong[at] ?? 0) ^ 1;
      expect([at, isLinkToken(KEY, wrong.toString('base64url'), subject)]).toEqual([at, false]);
    }
    for (const length of [0, 16, bytes.length - 1])
      expect(isLinkToken(KEY, bytes.subarray(0, length).toString('base64url'), subject)).toBe(false);
  });

  it.each(['', 'x', token.slice(1), `${token}x`, `${token.slice(1)}.`, `${token.slice(1)} `])(
    'is about nothing where it is no token: %j',
    (text) => {
      expect(linkSubjectId(text)).toBeUndefined();
    },
  );
});
