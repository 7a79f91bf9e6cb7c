// A process of its own (it may hang, or be spoiled): runs specs once as the source is, once for each mutant, and once more as it is.
import './hooks.ts';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import type { Judged } from './judged.ts';
import { runAll } from './suite.ts';

const [, specs = '[]', ids = '[]', awake] = process.argv.slice(2);
const tell = (judged: Judged) => process.send?.(judged);
const world = globalThis as { mutant?: number | undefined };

world.mutant = awake === undefined ? undefined : Number(awake);
try {
  for (const spec of JSON.parse(specs) as string[]) await import(pathToFileURL(resolve(spec)).href);
  if (world.mutant !== undefined) tell({ id: world.mutant, failure: await runAll() });
  else {
    tell({ id: 'before', failure: await runAll() });
    for (const id of JSON.parse(ids) as number[]) {
      world.mutant = id;
      tell({ id, failure: await runAll() });
    }
    world.mutant = undefined;
    tell({ id: 'after', failure: await runAll() });
  }
} catch (error) {
  tell({ id: world.mutant ?? 'before', failure: String(error) });
}
process.disconnect();
setTimeout(() => process.exit(), 1_000).unref();
