import { Passwords } from '../password/password.ts';
import { makeCodes, spentCode } from './recovery-codes.ts';

describe('recovery codes', () => {
  const passwords = new Passwords(2);
  let codes: Awaited<ReturnType<typeof makeCodes>>;
  let hashed = 0;
  const counting = { digest: (text: string, salt: Buffer) => (hashed++, passwords.digest(text, salt)) };
  const held = (spent: readonly number[] = []) => ({ at: '', spent, ...codes.kept });
  const [at, shown] = [(index: number) => codes.shown[index] ?? '', () => codes.shown];

  beforeAll(async () => {
    codes = await makeCodes(passwords);
  });

  it('are ten of 80 bits, of which digests alone are kept', () => {
    expect(shown()).toHaveLength(10);
    expect(new Set(shown()).size).toBe(10);
    for (const code of shown()) {
      expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
      expect(JSON.stringify(codes.kept)).not.toContain(code.replaceAll('-', ''));
    }
    expect(codes.kept.digests).toHaveLength(10);
  });

  it('are each known, by one hash', async () => {
    for (const [index, code] of shown().entries()) {
      hashed = 0;
      expect(await spentCode(held(), code, counting)).toBe(index);
      expect(hashed).toBe(1);
    }
  });

  it('are known as people copy them', async () => {
    const code = at(3);
    for (const typed of [
      code.toUpperCase(),
      code.replaceAll('-', ''),
      code.replaceAll('-', ' '),
      ` ${code}\n`,
      code.replaceAll('-', '\u2013'),
      code.replaceAll('0', 'O').replaceAll('1', 'l'),
      code.replaceAll('0', 'o').replaceAll('1', 'I'),
    ])
      expect(await spentCode(held(), typed, passwords)).toBe(3);
  });

  it('are dead once they were spent, and the others are not', async () => {
    expect(await spentCode(held([3]), at(3), passwords)).toBeUndefined();
    expect(await spentCode(held([3]), at(4), passwords)).toBe(4);
  });

  it('are none otherwise, and what cannot be one costs no hash', async () => {
    hashed = 0;
    for (const typed of ['', at(0).slice(1), `${at(0)}0`, 'ü'.repeat(16), '-'.repeat(1e5), '\u{10400}'.repeat(8)])
      expect(await spentCode(held(), typed, counting)).toBeUndefined();
    expect(await spentCode({ ...held(), salt: undefined }, at(0), counting)).toBeUndefined();
    expect(hashed).toBe(0);
    const other = `${at(0).startsWith('2') ? '3' : '2'}${at(0).slice(1)}`;
    expect(await spentCode(held(), other, passwords)).toBeUndefined();
  });
});
