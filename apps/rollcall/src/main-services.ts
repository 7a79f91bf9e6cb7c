import { requireNode } from '../../ops/src/node-version.ts';

requireNode();
const { run } = await import('./run.ts');
const { readProcesses } = await import('./processes.ts');
const { startServices } = await import('./services.ts');

const processes = readProcesses(process.argv.slice(2));
await run((settings) => startServices(settings, processes));
