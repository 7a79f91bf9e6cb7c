import { parseArgs } from 'node:util';
import { all } from './all.ts';
import { kill } from './kill.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true, options: { kills: { type: 'string' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) } },
});
/** With how many kills, unless it is told otherwise. */
const KILLS = { kill: 20, all: 200 } as const;
const faults = { kill, all };
const wanted = (name: keyof typeof faults) => ({ kills: Number(values.kills ?? KILLS[name]), seed: Number(values.seed) });
const names = positionals.length > 0 ? positionals : ['all'];
const known = (name: string): name is keyof typeof faults => name in faults;
if (!names.every(known) || !/^[1-9]\d*$/.test(values.kills ?? '1') || !/^\d+$/.test(values.seed)) {
  console.error(`usage: npm run faults -- [${Object.keys(faults).join('] [')}] [--kills N] [--seed S]`);
  process.exit(2);
}

let held = true;
for (const name of names.filter(known)) held = (await faults[name](wanted(name))) && held;
process.exit(held ? 0 : 1);
