import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Ratio } from './rounds.ts';

/** One line of a benchmark's table. */
export interface ResultRow {
  /** The target's number, such as P6. */
  readonly id: string;
  readonly against: string;
  /** Rates a second. */
  readonly ours?: number;
  readonly theirs?: number;
  readonly ratio?: Ratio;
  readonly value?: number;
  readonly target: string;
  readonly met: boolean;
  readonly wrongAnswers: number;
  /** Why there is no figure: a row is never invented. */
  readonly notMeasured?: string;
}

/** What every `<name>.bench.ts` exports as `run`. */
export type Run = (options: {
  readonly rounds: number;
}) => Promise<{
  readonly setting: string;
  readonly rows: readonly ResultRow[];
  /** Where the time goes. */ readonly note?: string;
}>;

/** Writes `bench/results/<name>.json` and prints the table. */
export function report(name: string, rounds: number, { setting, rows, note }: Awaited<ReturnType<Run>>): void {
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB`;
  const result = {
    name,
    date: new Date().toISOString().slice(0, 10),
    machine,
    node: process.version,
    setting,
    rounds,
    rows,
    ...(note === undefined ? {} : { note }),
  };
  const folder = join(process.cwd(), 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  console.log(`\n${name}: ${setting}; ${rounds} rounds; ${machine}; Node ${process.version}`);
  console.table(
    rows.map((row) => ({
      id: row.id,
      against: row.against,
      ours: row.ours ?? '',
      theirs: row.theirs ?? '',
      ratio: row.ratio ? `${row.ratio.median} (${row.ratio.min}-${row.ratio.max})` : (row.value ?? 'not measured'),
      target: row.target,
      met: row.met,
      wrong: row.wrongAnswers,
    })),
  );
  for (const row of rows)
    if (row.notMeasured !== undefined) console.log(`${row.id} ${row.against} was not measured: ${row.notMeasured}`);
  if (note !== undefined) console.log(note);
}
