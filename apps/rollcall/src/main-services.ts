import { requireNode } from './node-version.ts';

requireNode();
const { run } = await import('./run.ts');
const { readProcesses } = await import('./processes.ts');
const { startServices } = await import('./services.ts');

const processes = readProcesses(process.argv.slice(2));
await run((settings) => startServices(settings, processes), ({ port }) =>
  processes.gateways === 1 ? '' : `\n  More gateways:         ${Array.from({ length: processes.gateways - 1 }, (_, n) => `http://localhost:${port + n + 1}`).join(' ')}`);
