import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const DIGEST = 40;
/** A digest, a colon, how often it was found, and the end of a line, with room. */
const LINE_MAX = 80;

/**
 * An operator's file of passwords that were found in breaches: SHA-1 in hex, one a line, sorted, with anything behind it, as
 * Have I Been Pwned gives them out. It is never read whole: 45 GB take 36 reads. @throws Error where there is no file
 */
export class BreachedPasswords {
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, 'r');
  }

  has(password: string): boolean {
    const wanted = createHash('sha1').update(password).digest('hex').toUpperCase();
    let [from, to] = [0, fstatSync(this.file).size];
    while (from < to) {
      const { start, text, end } = this.lineAt(Math.floor((from + to) / 2));
      const found = text.slice(0, DIGEST).toUpperCase();
      if (found === wanted) return true;
      if (wanted < found) to = start;
      else from = end;
    }
    return false;
  }

  close(): void {
    closeSync(this.file);
  }

  /** The line that a place of the file is in. */
  private lineAt(place: number): { start: number; text: string; end: number } {
    const first = Math.max(0, place - LINE_MAX);
    const bytes = Buffer.alloc(2 * LINE_MAX);
    const read = bytes.subarray(0, readSync(this.file, bytes, 0, bytes.length, first)).toString('latin1');
    const begin = place === 0 ? 0 : read.lastIndexOf('\n', place - first - 1) + 1;
    const stop = read.indexOf('\n', place - first);
    const end = stop < 0 ? read.length : stop + 1;
    return { start: first + begin, text: read.slice(begin, end), end: first + end };
  }
}
