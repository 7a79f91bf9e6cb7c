import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folded, LISTED_MIN, recordOf } from '../../apps/identity/src/password/folded.ts';

/** Makes apps/identity/common-passwords.bin of lists with a password a line: five bytes of each, sorted. See README.md. */
const lists = [join(import.meta.dirname, 'long.txt'), ...process.argv.slice(2)];
const passwords = new Set(
  lists
    .flatMap((list) => readFileSync(list, 'utf8').split('\n'))
    .map(folded)
    .filter(({ length }) => length >= LISTED_MIN),
);
const records = [...new Set([...passwords].map((password) => recordOf(password).toString('hex')))].sort();
writeFileSync(
  join(import.meta.dirname, '../../apps/identity/common-passwords.bin'),
  Buffer.from(records.join(''), 'hex'),
);
console.log(`${records.length} passwords`);
