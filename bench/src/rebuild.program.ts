/** A rebuild as a process of its own: `node rebuild.example.js <owner's database>`. Prints each phase, and the outcome as JSON. */
import { LogSource, rebuild } from '#event-sourcing';
import { keyDirectory } from '../../apps/key-management/src/key/key-directory.projection.ts';

const [, , ownerDatabaseUrl = ''] = process.argv;
const from = process.cpuUsage();
const begun = performance.now();
let last = '';
let filledMs = 0;
const outcome = await rebuild(
  {
    ownerDatabaseUrl,
    sources: [new LogSource(keyDirectory, 'inline')],
    who: 'the benchmark',
    progress: ({ phase, done }) => {
      if (phase !== last) console.log(`phase ${phase} ${done}`);
      if (phase === 'indexing') filledMs = performance.now() - begun;
      last = phase;
    },
  },
  'key-directory',
);
const { user, system } = process.cpuUsage(from);
console.log(
  `outcome ${JSON.stringify({ ...outcome, filledMs, wholeMs: performance.now() - begun, processorMs: (user + system) / 1000 })}`,
);
