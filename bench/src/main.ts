import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { report, type Run } from './result.ts';
import { printTable } from './table.ts';

const BENCH = /^(.+)\.bench\.[jt]s$/;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '9' }, table: { type: 'boolean', default: false } },
});
const files = new Map(
  readdirSync(import.meta.dirname).flatMap((file) => {
    const name = BENCH.exec(file)?.[1];
    return name === undefined ? [] : [[name, file] as const];
  }),
);
const rounds = Number(values.rounds);
const unknown = positionals.filter((name) => !files.has(name));
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(`usage: npm run bench -- [${[...files.keys()].join('] [')}] [--rounds N] | --table`);
  process.exit(2);
}

if (values.table) {
  printTable();
  process.exit(0);
}
for (const name of positionals.length > 0 ? positionals : files.keys()) {
  const { run } = (await import(pathToFileURL(join(import.meta.dirname, files.get(name) ?? '')).href)) as { run: Run };
  report(name, rounds, await run({ rounds }));
}
