import { randomBytes } from 'node:crypto';
import { keyedDigest, normalizedEmail } from './keyed-digest.ts';

const KEY = randomBytes(32).toString('base64url');

describe('a keyed digest', () => {
  it('is the same of the same, and another under another key, for another purpose or of another value', () => {
    const digest = keyedDigest(KEY, 'email', 'ada@example.com');
    expect(keyedDigest(KEY, 'email', 'ada@example.com')).toBe(digest);
    for (const another of [
      keyedDigest(randomBytes(32).toString('base64url'), 'email', 'ada@example.com'),
      keyedDigest(KEY, 'throttle', 'ada@example.com'),
      keyedDigest(KEY, 'email', 'eve@example.com'),
    ])
      expect(another).not.toBe(digest);
  });
});

it('is what an earlier release has kept', () => {
  expect(keyedDigest(Buffer.alloc(32, 7).toString('base64url'), 'email', 'ada@example.com')).toBe(
    '9Be16yHahzEP4e2btboV-o1A7ISw8CPLYujNL8YT2ck',
  );
});

describe('an address as it is compared', () => {
  it.each(['ada@example.com', ' Ada@Example.COM\n', 'ADA@example.com'])('is one, however it was typed: %j', (typed) => {
    expect(normalizedEmail(typed)).toBe('ada@example.com');
  });

  it('is one, however its letters are composed', () => {
    expect(normalizedEmail('zoe\u0308@example.com')).toBe(normalizedEmail('zoë@example.com'));
  });
});
