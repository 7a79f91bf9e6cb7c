import { parseArgs } from 'node:util';
import { all } from './all.ts';
import { attacked } from './attacked.ts';
import { busy } from './busy.ts';
import { hostile } from './hostile.ts';
import { kill } from './kill.ts';
import { moved } from './moved.ts';
import { revoke } from './revoke.ts';
import { upgrade } from './upgrade.ts';

/** 0.1.0. */
const RELEASED = '3403ab4';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string' },
    requests: { type: 'string' },
    minutes: { type: 'string' },
    rounds: { type: 'string' },
    from: { type: 'string', default: RELEASED },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
const faults = {
  all: () => all({ kills: Number(values.kills ?? 200), seed }),
  attacked: () => attacked({ minutes: Number(values.minutes ?? 1) }),
  busy: () => busy({ requests: Number(values.requests ?? 10_000) }),
  hostile: () => hostile({ minutes: Number(values.minutes ?? 20), seed }),
  kill: () => kill({ kills: Number(values.kills ?? 20), seed }),
  moved: () => moved({ rounds: Number(values.rounds ?? 1) }),
  revoke: () => revoke({ requests: Number(values.requests ?? 10_000_000), seed }),
  upgrade: () => upgrade({ from: values.from, seed }),
};
const names = positionals.length > 0 ? positionals : ['all'];
const known = (name: string): name is keyof typeof faults => Object.hasOwn(faults, name);
if (
  !names.every(known) ||
  ![values.kills, values.requests, values.rounds].every((count) => /^[1-9]\d*$/.test(count ?? '1')) ||
  !(Number(values.minutes ?? 20) > 0) ||
  !/^\d+$/.test(values.seed)
) {
  console.error(
    `usage: npm run faults -- [${Object.keys(faults).join('] [')}] [--kills N] [--requests N] [--minutes M] [--rounds R] [--from COMMIT] [--seed S]`,
  );
  process.exit(2);
}

let held = true;
for (const name of names.filter(known)) held = (await faults[name]()) && held;
process.exit(held ? 0 : 1);
