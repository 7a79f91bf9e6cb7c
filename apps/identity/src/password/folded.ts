import { createHash } from 'node:crypto';

/** What a list keeps of a password, and how many there may be alike: of 500,000 records one in two million strangers has another's. */
export const RECORD_BYTES = 5;
/** Shorter ones are refused by their length. */
export const LISTED_MIN = 8;

/** A password as guessers vary it least: letters and digits alone, in lower case. */
export const folded = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Of a folded password. */
export const recordOf = (text: string): Buffer => createHash('sha256').update(text).digest().subarray(0, RECORD_BYTES);
