import { styleText } from 'node:util';
import { InvalidArgumentError, Option } from 'commander';

export const FORMS = ['table', 'json', 'jsonl', 'plain'] as const;
export type Form = (typeof FORMS)[number];
export type TableRow = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** `-o`: how data is written to stdout. */
export const outputOption = (): Option =>
  new Option('-o, --output <form>', 'form of the output').choices([...FORMS]).default('table');

/** Writes rows to stdout. A table is for people; json and jsonl keep all fields; plain is tabs without a head. */
export function print(rows: readonly TableRow[], form: Form): void {
  if (form === 'json') console.log(JSON.stringify(rows, null, 2));
  else if (form === 'jsonl') for (const row of rows) console.log(JSON.stringify(row));
  else if (form === 'plain') for (const row of rows) console.log(Object.values(row).map(text).join('\t'));
  else if (rows.length > 0) for (const line of table(rows)) console.log(line);
}

/** One thing: json is the object itself, a table shows a field a line. */
export function printOne(row: TableRow, form: Form): void {
  if (form === 'json') console.log(JSON.stringify(row, null, 2));
  else if (form === 'jsonl') console.log(JSON.stringify(row));
  else
    print(
      Object.entries(row).map(([field, value]) => ({ field, value })),
      form,
    );
}

let wide = false;

/** From now on a row of a table is one line, however long. */
export function keepWide(): void {
  wide = true;
}

/** Columns to write in. A pipe has no end. */
function room(): number {
  if (wide) return Infinity;
  return process.stdout.isTTY ? process.stdout.columns : Number(process.env.COLUMNS) || Infinity;
}

const GAP = 2;
/** A word may be this long and stay whole: an id is not broken where there is room for it. */
const WORD_MAX = 40;

const COLOURS: Readonly<Record<string, 'green' | 'yellow' | 'red'>> = {
  'ok': 'green',
  'ready': 'green',
  'warn': 'yellow',
  'unknown': 'yellow',
  'fail': 'red',
  'failed': 'red',
  'failing': 'red',
  'silent': 'red',
  'not-ready': 'red',
  'no answer': 'red',
};
const coloured = (cell: string, padded: string): string => {
  const colour = COLOURS[cell];
  return colour === undefined ? padded : styleText(colour, padded);
};

/** Lines that fit: what is too long for its column goes on below; where not even words fit beside each other, a field a line. @param columns to write in */
export function table(rows: readonly TableRow[], columns = room()): string[] {
  const names = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => names.map((name) => text(row[name])));
  const widths = fitted([names, ...cells], columns);
  if (!widths) return cells.flatMap((row) => [...record(names, row, columns), '']);
  return [
    ...lines(names, widths).map((line) => styleText('bold', line)),
    ...cells.flatMap((row) => lines(row, widths)),
  ];
}

/** How wide each column may be; undefined where they do not fit beside each other. */
function fitted(rows: readonly (readonly string[])[], columns: number): number[] | undefined {
  const longest = (n: number, of: (cell: string) => number) => Math.max(...rows.map((row) => of(row[n] ?? '')));
  const names = rows[0] ?? [];
  const widths = names.map((_, n) => longest(n, (cell) => cell.length));
  const least = names.map((_, n) =>
    longest(n, (cell) => Math.min(WORD_MAX, ...[Math.max(...cell.split(' ').map((word) => word.length))])),
  );
  const over = () => widths.reduce((sum, width) => sum + width + GAP, -GAP) - columns;
  while (over() > 0) {
    const [n, spare] = widths.reduce<[number, number]>(
      (most, width, at) => (width > (least[at] ?? 0) && width > most[1] ? [at, width] : most),
      [-1, 0],
    );
    if (n === -1) return undefined;
    widths[n] = Math.max(least[n] ?? 0, spare - Math.max(1, Math.min(over(), Math.ceil(spare / 4))));
  }
  return widths;
}

function lines(row: readonly string[], widths: readonly number[]): string[] {
  const wrapped = row.map((cell, n) => wrap(cell, widths[n] ?? 0));
  const height = Math.max(...wrapped.map((cell) => cell.length));
  return Array.from({ length: height }, (_, at) =>
    wrapped
      .map((cell, n) => {
        const piece = cell[at] ?? '';
        return coloured(row[n] ?? '', n === row.length - 1 ? piece : piece.padEnd((widths[n] ?? 0) + GAP));
      })
      .join('')
      .trimEnd(),
  );
}

function record(names: readonly string[], row: readonly string[], columns: number): string[] {
  const width = Math.max(...names.map((name) => name.length)) + GAP;
  return names.flatMap((name, n) =>
    wrap(row[n] ?? '', Math.max(columns - width, 1)).map((piece, at) =>
      `${(at === 0 ? name : '').padEnd(width)}${coloured(row[n] ?? '', piece)}`.trimEnd(),
    ),
  );
}

/** Broken between words, and within one that is longer than a line. */
function wrap(cell: string, width: number): string[] {
  const pieces: string[] = [''];
  for (let word of cell.split(' ')) {
    const last = pieces.at(-1) ?? '';
    const joined = last === '' ? word : `${last} ${word}`;
    if (joined.length <= width) {
      pieces[pieces.length - 1] = joined;
      continue;
    }
    if (last === '') pieces.pop();
    for (; word.length > width; word = word.slice(width)) pieces.push(word.slice(0, width));
    pieces.push(word);
  }
  return pieces;
}

// A row may hold text from outside: it must not move the cursor of the reader's terminal.
const text = (value: TableRow[string]): string => printable(String(value ?? ''));
export const printable = (said: string): string => said.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ');

/** Says something on stderr: progress, never data. */
export const say = (said: string): void => {
  console.error(said);
};

/** A whole number from 1 on. */
export const positive = (value: string): number => whole(value, 1);

/** A whole number. */
export function whole(value: string, least = 0): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < least)
    throw new InvalidArgumentError(`It must be a whole number from ${least} on.`);
  return number;
}

/** A duration in words. */
export const seconds = (value: number): string =>
  value < 10 ? `${value.toFixed(1)} s` : value < 120 ? `${Math.round(value)} s` : `${Math.round(value / 60)} min`;

/** Bytes in words. */
export const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
