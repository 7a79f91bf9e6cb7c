import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** What the rule of folders says of an app made of these files. */
function judge(files: Readonly<Record<string, string>>): { code: number | null; out: string } {
  const root = mkdtempSync(join(tmpdir(), 'rollcall-arrows-'));
  try {
    for (const [file, text] of Object.entries({ 'tsconfig.json': '{}', ...files })) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
        '--config',
        resolve('.dependency-cruiser.folders.cjs'),
        'apps',
      ],
      { cwd: root, encoding: 'utf8' },
    );
    return { code: status, out: stdout + stderr };
  } finally {
    rmSync(root, { recursive: true });
  }
}

const DOWN = {
  'apps/shop/src/shop.module.ts': `import './order/order.ts';`,
  'apps/shop/src/config.ts': 'export interface Config { rent: number }',
  'apps/shop/src/order/order.ts': `import type { Config } from '../config.ts'; import type { Price } from '../price/price.ts'; export interface Order { price: Price; config: Config }`,
  'apps/shop/src/price/price.ts': 'export type Price = number;',
  'apps/shop/src/price/price.spec.ts': `import '../order/order.ts';`,
};

describe('folders of an app', () => {
  it('may be read from the top down, whatever module, config and tests import', () => {
    expect(judge(DOWN).code).toBe(0);
  });

  it('may not form a circle, though no file does, and though it is by types alone', () => {
    const { code, out } = judge({
      ...DOWN,
      'apps/shop/src/price/discount.ts': `import type { Order } from '../order/order.ts'; export type Discount = (order: Order) => number;`,
    });
    expect(code).not.toBe(0);
    expect(out).toMatch(/no-circle-of-folders: apps\/shop\/src\/(price|order)/);
  });
});
