import { readFileSync } from 'node:fs';
import { inProject } from '#platform';
import { folded, LISTED_MIN, RECORD_BYTES, recordOf } from './folded.ts';

/** Made by `tools/common-passwords`; 2.4 MB, read when the first password is set. */
const FILE = 'apps/identity/common-passwords.bin';
let list: Buffer | undefined;

/** Letters that people replace, by what they replace them with. */
const REPLACED: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '8': 'b',
  '3': 'e',
  '6': 'g',
  '!': 'i',
  '|': 'i',
  '1': 'i',
  '0': 'o',
  '$': 's',
  '5': 's',
  '7': 't',
  '+': 't',
};

/**
 * Whether everybody tries it first: it is on the list, or as good as on it: with the usual replacements, with what stands behind or before a
 * listed one doubled, or of so few characters that it need not be. About 60 µs, and 12 ms once.
 */
export const isCommon = (password: string): boolean =>
  new Set(folded(password)).size < 5 ||
  spellings(password).some((spelling) => {
    const [, part = spelling] = /^(.+?)\1+$/u.exec(spelling) ?? [];
    return (part !== spelling && part.length < LISTED_MIN) || isListed(spelling) || isListed(part);
  });

/** Whether without these words (a name, an address) nothing is left of it that a guesser would not find. */
export function isMadeOf(words: readonly string[], password: string): boolean {
  const parts = words
    .flatMap((word) => [word, ...word.split(/[^\p{L}\p{N}]+/u)])
    .map(folded)
    .filter(({ length }) => length > 3)
    .sort((a, b) => b.length - a.length);
  return spellings(password).some((spelling) => {
    const left = parts.reduce((text, part) => text.replaceAll(part, ''), spelling);
    return left !== spelling && (left.length < 5 || !/\p{L}/u.test(left) || isListed(left));
  });
}

/** As it is, and with letters for what stands in for them. */
function spellings(password: string): readonly string[] {
  const lower = password.toLowerCase();
  // A mark at the end is one, and no letter.
  const meant = lower
    .replace(/[^\p{L}\p{N}@$]+$/u, '')
    .replaceAll(/[@4836!|10$57+]/g, (character) => REPLACED[character] ?? character);
  return [...new Set([lower, meant, meant.replaceAll('i', 'l')].map(folded))];
}

/** Of a folded password. */
function isListed(text: string): boolean {
  if (text.length < LISTED_MIN) return false;
  list ??= readFileSync(inProject(FILE));
  const record = recordOf(text);
  let [from, to] = [0, list.length / RECORD_BYTES];
  while (from < to) {
    const middle = (from + to) >>> 1;
    const at = middle * RECORD_BYTES;
    const order = record.compare(list, at, at + RECORD_BYTES);
    if (order === 0) return true;
    if (order < 0) to = middle;
    else from = middle + 1;
  }
  return false;
}
