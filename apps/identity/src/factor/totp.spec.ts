import { HOTP, Secret } from 'otpauth';
import { acceptedStep, newSecret, provisioningUri } from './totp.ts';

/** RFC 6238, appendix B: the secret "12345678901234567890" of its vectors for SHA-1. */
const SECRET = Secret.fromUTF8('12345678901234567890').base32;
const at = (seconds: number) => new Date(seconds * 1000);

describe("an authenticator's code", () => {
  // The RFC's codes have eight digits; six are their last.
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])("is RFC 6238's at second %i", (seconds, code) => {
    expect(acceptedStep(SECRET, code, at(seconds))).toBe(Math.floor(seconds / 30));
  });

  it('is taken one step early and one late, and not two', () => {
    const code = HOTP.generate({ secret: Secret.fromBase32(SECRET), counter: 100, digits: 6 });
    const taken = [-2, -1, 0, 1, 2].map((steps) => acceptedStep(SECRET, code, at((100 + steps) * 30)));
    expect(taken).toEqual([undefined, 100, 100, 100, undefined]);
    expect([at(3090), at(2910)].map((off) => acceptedStep(SECRET, code, off))).toEqual([undefined, undefined]);
  });

  it('is read with blanks and in any digits that mean the same', () => {
    for (const typed of ['287082', '287 082', ' 28 70 82\n', '\u00a0287\u2009082', '２８７０８２'])
      expect(acceptedStep(SECRET, typed, at(59))).toBe(1);
  });

  it.each(['', '28708', '2870820', '28708x', '-87082', '+287082', '0x2870', '287082\u0000', '٢٨٧٠٨٢', '2'.repeat(1e5)])(
    'is none: %j',
    (typed) => {
      expect(acceptedStep(SECRET, typed, at(59))).toBeUndefined();
    },
  );

  it('is none before the first step ended, and no fault', () => {
    expect(acceptedStep(SECRET, '000000', at(0))).toBeUndefined();
  });
});

describe("an authenticator's secret", () => {
  it('has 20 bytes, never the same', () => {
    const secrets = Array.from({ length: 50 }, newSecret);
    expect(new Set(secrets).size).toBe(50);
    for (const secret of secrets) expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  });

  it('stands in the address as apps read it, whatever the label', () => {
    const uri = new URL(provisioningUri(SECRET, { issuer: 'röllcall:8080', label: 'ada+a/b?c&d@example.com' }));
    expect(uri.protocol + uri.host).toBe('otpauth:totp');
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: 'röllcall:8080',
      secret: SECRET,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
    expect(decodeURIComponent(uri.pathname)).toContain('ada+a/b?c&d@example.com');
  });
});
