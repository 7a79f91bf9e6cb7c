import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..', '..', '..');

/** For a browser, of its sources: what a bundler cannot find there, or nothing. */
const missing = (face: string) =>
  build({
    stdin: { contents: `export * from '${face}';`, resolveDir: root },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    conditions: ['source'],
    logLevel: 'silent',
  }).then(
    () => [],
    (error: unknown) => (error as { errors: { text: string }[] }).errors.map(({ text }) => text),
  );

describe('contracts in a browser', () => {
  it.each(['@rollcall/contracts/rest', '@rollcall/contracts/facts', '#contracts'])(
    '%s needs no module of Node',
    async (face) => {
      expect(await missing(face)).toEqual([]);
    },
  );

  it('would show one', async () => {
    expect(await missing('@rollcall/contracts/documents')).toContainEqual(expect.stringContaining('node:fs'));
  });
});
