import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keeperOf } from './keeper.ts';

describe('where a ring of keys is kept', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-keeper-'));
  const [env, own, secrets] = ['.env', 'installation-key', 'secrets.json'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  beforeEach(() => {
    writeFileSync(env, 'PORT=8080\n# a word\nINSTALLATION_KEY=older\nMASTER_KEY=another\n', { mode: 0o600 });
    writeFileSync(own, 'older\n', { mode: 0o640 });
    writeFileSync(secrets, JSON.stringify({ installationKey: 'older', masterKey: 'another' }), { mode: 0o600 });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each([
    [env, {}, env, 0o600],
    [own, { INSTALLATION_KEY_FILE: own }, undefined, 0o640],
    [secrets, { ROLLCALL_DATA: folder }, undefined, 0o600],
  ])('is read and written over whole, for whom could read it before: %s', (file, told, envFile, mode) => {
    // Of a writer that was killed.
    writeFileSync(`${file}.new`, 'half', { mode: 0o666 });
    const keeper = keeperOf('INSTALLATION_KEY', told, envFile);
    expect([keeper?.file, keeper?.read()]).toEqual([file, 'older']);
    const before = readFileSync(file, 'utf8');
    keeper?.write('links:+newer,older');
    expect(keeper?.read()).toBe('links:+newer,older');
    expect(statSync(file).mode & 0o777).toBe(mode);
    const rest = (text: string) => text.replace('links:+newer,older', 'older').replaceAll(/\s/g, '');
    expect(rest(readFileSync(file, 'utf8'))).toBe(rest(before));
  });

  it('is elsewhere where the services are named by PEERS, whatever stands in the folder', () => {
    expect(keeperOf('MASTER_KEY', { PEERS: '{}', ROLLCALL_DATA: folder }, undefined)).toBeUndefined();
    expect(keeperOf('MASTER_KEY', { ROLLCALL_DATA: join(folder, 'nothing') }, undefined)).toBeUndefined();
  });

  it('is refused where the file does not have it', () => {
    writeFileSync(env, 'PORT=8080\n');
    expect(() => keeperOf('MASTER_KEY', {}, env)?.read()).toThrow('has no MASTER_KEY');
    expect(() => keeperOf('MASTER_KEY', {}, join(folder, 'nothing'))?.read()).toThrow('cannot be read');
  });
});
