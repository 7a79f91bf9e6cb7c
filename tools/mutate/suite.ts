import { expect } from 'expect';

type Work = (...values: never[]) => unknown;
interface Test {
  readonly name: string;
  readonly work: () => unknown;
}
interface Block {
  readonly items: (Test | Block)[];
  readonly beforeAll: (() => unknown)[];
  readonly beforeEach: (() => unknown)[];
  readonly afterEach: (() => unknown)[];
  readonly afterAll: (() => unknown)[];
}

const block = (): Block => ({ items: [], beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] });
const top = block();
let current = top;

const rows = (table: readonly unknown[]) => table.map((row) => (Array.isArray(row) ? (row as unknown[]) : [row]));
const each =
  (declare: (name: string, work: Work) => void) => (table: readonly unknown[]) => (name: string, work: Work) => {
    for (const row of rows(table)) declare(name, () => work(...(row as never[])));
  };

const it = (name: string, work: Work) => {
  current.items.push({ name, work: work });
};
function describe(_name: string, body: Work): void {
  const outer = current;
  current = block();
  outer.items.push(current);
  body();
  current = outer;
}
const nothing = Object.assign(() => undefined, { each: () => () => undefined });
const hook = (name: 'beforeAll' | 'beforeEach' | 'afterEach' | 'afterAll') => (work: () => unknown) => {
  current[name].push(work);
};

/** What specs find in Jest's world, of which they use little: this runs the same specs again and again in one process, without loading anything twice. */
Object.assign(globalThis, {
  expect,
  describe: Object.assign(describe, { each: each(describe), skip: nothing }),
  it: Object.assign(it, { each: each(it), skip: nothing }),
  beforeAll: hook('beforeAll'),
  beforeEach: hook('beforeEach'),
  afterEach: hook('afterEach'),
  afterAll: hook('afterAll'),
});

/** Runs all tests of the specs that were imported, up to the first that fails. @returns why it failed */
export async function runAll(): Promise<string | undefined> {
  try {
    await run(top, [], []);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function run(of: Block, before: readonly (() => unknown)[], after: readonly (() => unknown)[]): Promise<void> {
  const [befores, afters] = [
    [...before, ...of.beforeEach],
    [...of.afterEach, ...after],
  ];
  try {
    for (const work of of.beforeAll) await work();
    for (const item of of.items) {
      if ('items' in item) {
        await run(item, befores, afters);
        continue;
      }
      try {
        for (const work of befores) await work();
        await item.work();
      } finally {
        for (const work of afters) await work();
      }
    }
  } finally {
    for (const work of of.afterAll) await Promise.resolve(work()).catch(() => undefined);
  }
}
