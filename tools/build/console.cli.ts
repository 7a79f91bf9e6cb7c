import { buildConsole } from './console.ts';

// A program: builds the console; with `--ship`, with packed files beside each.
await buildConsole({ isShipped: process.argv.includes('--ship') });
