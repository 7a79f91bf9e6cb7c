import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { NewCodes, RecoveryCodes } from '../account/vocabulary.decider.ts';
import type { Passwords } from '../password/password.ts';

/** Crockford's base 32: no letter that is taken for a digit. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const COUNT = 10;
const CHARACTERS = 16;
const SPELLING = new RegExp(`^[${ALPHABET}]{${CHARACTERS}}$`);

/** Ten codes of 80 bits each as their holder sees them, this once, and what is kept of them: digests under one salt, so that a check is one hash. */
export async function makeCodes(
  passwords: Pick<Passwords, 'digest'>,
): Promise<{ readonly shown: readonly string[]; readonly kept: NewCodes }> {
  const salt = randomBytes(16);
  const codes = Array.from({ length: COUNT }, () =>
    Array.from(randomBytes(CHARACTERS), (byte) => ALPHABET[byte % ALPHABET.length]).join(''),
  );
  const digests = await Promise.all(
    codes.map(async (code) => (await passwords.digest(code, salt)).toString('base64url')),
  );
  return {
    shown: codes.map((code) => code.replaceAll(/(.{4})(?=.)/g, '$1-')),
    kept: { salt: salt.toString('base64url'), digests },
  };
}

/** Which of the codes this is; undefined for none of them, and for one that was spent. All of them are compared. */
export async function spentCode(
  { salt, digests, spent }: RecoveryCodes,
  typed: string,
  passwords: Pick<Passwords, 'digest'>,
): Promise<number | undefined> {
  const code = folded(typed);
  if (salt === undefined || !SPELLING.test(code)) return undefined;
  const digest = await passwords.digest(code, Buffer.from(salt, 'base64url'));
  const fits = digests.flatMap((kept, index) =>
    timingSafeEqual(Buffer.from(kept, 'base64url'), digest) ? [index] : [],
  );
  return fits.find((index) => !spent.includes(index));
}

/** As people copy codes: in any case, with blanks and dashes of any kind, letters that look like digits. */
const folded = (typed: string) =>
  typed
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s\p{Pd}]/gu, '')
    .replaceAll('o', '0')
    .replaceAll(/[il]/g, '1');
