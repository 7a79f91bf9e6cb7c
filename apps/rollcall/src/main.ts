import { requireNode } from '../../ops/src/node-version.ts';

requireNode();
const { run } = await import('./run.ts');
const { startRollcall } = await import('./rollcall.ts');

await run(startRollcall);
