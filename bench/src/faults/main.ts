import { parseArgs } from 'node:util';
import { kill } from './kill.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true, options: { kills: { type: 'string', default: '20' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) } },
});
const faults = { kill };
const wanted = { kills: Number(values.kills), seed: Number(values.seed) };
const names = positionals.length > 0 ? positionals : Object.keys(faults);
const known = (name: string): name is keyof typeof faults => name in faults;
if (!names.every(known) || !Number.isInteger(wanted.kills) || wanted.kills < 1 || !Number.isInteger(wanted.seed)) {
  console.error(`usage: npm run faults -- [${Object.keys(faults).join('] [')}] [--kills N] [--seed S]`);
  process.exit(2);
}

let held = true;
for (const name of names.filter(known)) held = (await faults[name](wanted)) && held;
process.exit(held ? 0 : 1);
