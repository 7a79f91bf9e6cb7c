import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (file: string) =>
  JSON.parse(readFileSync(join(root, file), 'utf8')) as {
    version: string;
    dependencies: Record<string, string>;
    exports: Record<string, unknown>;
  };
const manifest = read('libs/contracts/package.json');
const faces = Object.keys(manifest.exports)
  .filter((face) => !face.includes('*'))
  .map((face) => `@rollcall/contracts${face.slice(1)}`);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-package-'));
  const run = (program: string, ...args: string[]) => execFileSync(program, args, { cwd: folder, encoding: 'utf8' });
  // Packed from a copy: other tests read the folder meanwhile.
  cpSync(join(root, 'libs', 'contracts'), join(folder, 'libs', 'contracts'), {
    recursive: true,
    filter: (file) => !file.endsWith('/dist'),
  });
  for (const name of ['tsconfig.json', 'node_modules']) symlinkSync(join(root, name), join(folder, name));
  run('npm', 'pack', '--silent', '--pack-destination', folder, join(folder, 'libs', 'contracts'));
  const into = join(folder, 'consumer', 'node_modules');
  run('mkdir', '-p', join(into, '@rollcall'));
  run('tar', '-xzf', `rollcall-contracts-${manifest.version}.tgz`, '-C', join(into, '@rollcall'));
  run('mv', join(into, '@rollcall', 'package'), join(into, '@rollcall', 'contracts'));
  for (const name of Object.keys(manifest.dependencies))
    symlinkSync(join(root, 'node_modules', name), join(into, name));
  writeFileSync(join(folder, 'consumer', 'package.json'), '{ "type": "module" }');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('npm pack of @rollcall/contracts', () => {
  const consumer = (file: string, text: string) => {
    writeFileSync(join(folder, 'consumer', file), text);
    return { cwd: join(folder, 'consumer'), encoding: 'utf8' } as const;
  };

  it('holds what its exports name, as Node reads it', () => {
    const asked = consumer(
      'all.js',
      `${faces.map((face) => `await import('${face}');`).join('\n')}
      const { releasedFacts } = await import('@rollcall/contracts/documents');
      const { existsSync } = await import('node:fs');
      console.log(releasedFacts().length > 0, existsSync(new URL(import.meta.resolve('@rollcall/contracts/proto/rollcall/gateway/v1/gateway.proto'))));`,
    );
    expect(execFileSync(process.execPath, ['all.js'], asked)).toBe('true true\n');
  });

  it.each([
    ["a browser's consumer", faces.filter((face) => /rest|facts/.test(face)), ['--lib', 'es2024,dom']],
    ['one in Node', faces, ['--types', 'node', '--typeRoots', join(root, 'node_modules', '@types')]],
  ])('has types that %s compiles with', (_who, imported, flags) => {
    const asked = consumer(
      'all.ts',
      `${imported.map((face, i) => `import * as face${i} from '${face}';\nexport const used${i} = face${i};`).join('\n')}
      import type { FactData } from '@rollcall/contracts/facts';
      export const revoked: FactData<'KeyRevoked.v1'>['reason'] = 'requested';`,
    );
    const tsc = [
      join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      ...flags,
      'all.ts',
    ];
    expect(spawnSync(process.execPath, tsc, asked).stdout).toBe('');
  });

  it('is of the version of the house, and stands on the same packages', () => {
    const house = read('package.json');
    expect(manifest.version).toBe(house.version);
    expect(house.dependencies).toMatchObject(manifest.dependencies);
  });
});
