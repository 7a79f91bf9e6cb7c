import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResultRow } from './result.ts';

interface Result {
  readonly date: string;
  readonly rows: readonly ResultRow[];
}

/** Prints all results that are kept, as the lines of the table in docs/benchmarks.md. */
export function printTable(): void {
  const folder = join(process.cwd(), 'bench', 'results');
  const results = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Result);
  const lines = results.flatMap(({ date, rows }) =>
    rows.map((row) => ({ order: Number(row.id.slice(1)), line: line(row, date) })),
  );
  for (const each of lines.sort((a, b) => a.order - b.order)) console.log(each.line);
}

function line(row: ResultRow, date: string): string {
  // Times are given with their unit by what they are measured against; all else is a rate.
  const unit = row.against.includes(' in ms') ? '' : '/s';
  const figure = (value: number | undefined) => (value === undefined ? '-' : `${value}${unit}`);
  const ratio =
    row.notMeasured !== undefined
      ? `not measured: ${row.notMeasured}`
      : row.ratio
        ? `${row.ratio.median} (${row.ratio.min}-${row.ratio.max})`
        : '-';
  const ours = row.value === undefined ? figure(row.ours) : String(row.value);
  const isMeasured = row.notMeasured === undefined;
  return `| ${[row.id, row.against, ours, figure(row.theirs), ratio, row.target, isMeasured && row.target !== '-' ? (row.met ? 'yes' : 'no') : '-', isMeasured ? row.wrongAnswers : '-', date].join(' | ')} |`;
}
