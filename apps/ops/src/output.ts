import { InvalidArgumentError, Option } from 'commander';

export const FORMS = ['table', 'json', 'jsonl', 'plain'] as const;
export type Form = (typeof FORMS)[number];
export type Row = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** `-o`: how data is written to stdout. */
export const outputOption = (): Option =>
  new Option('-o, --output <form>', 'form of the output').choices([...FORMS]).default('table');

/** Writes rows to stdout. A table is for people; json and jsonl keep all fields; plain is tabs without a head. */
export function print(rows: readonly Row[], form: Form): void {
  if (form === 'json') console.log(JSON.stringify(rows, null, 2));
  else if (form === 'jsonl') for (const row of rows) console.log(JSON.stringify(row));
  else if (form === 'plain') for (const row of rows) console.log(Object.values(row).map(text).join('\t'));
  else if (rows.length > 0) for (const line of table(rows)) console.log(line);
}

/** One thing: json is the object itself, a table shows a field a line. */
export function printOne(row: Row, form: Form): void {
  if (form === 'json') console.log(JSON.stringify(row, null, 2));
  else if (form === 'jsonl') console.log(JSON.stringify(row));
  else
    print(
      Object.entries(row).map(([field, value]) => ({ field, value })),
      form,
    );
}

function table(rows: readonly Row[]): string[] {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns, ...rows.map((row) => columns.map((column) => text(row[column])))];
  const widths = columns.map((_, n) => Math.max(...lines.map((line) => line[n]?.length ?? 0)));
  return lines.map((line) =>
    line
      .map((cell, n) => cell.padEnd(widths[n] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

// What a row holds may come from outside: it must not move the cursor of whoever reads it.
const text = (value: Row[string]): string => printable(String(value ?? ''));
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
