import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deciderSources } from './decider-sources.ts';

describe('the sources of deciders', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-deciders-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const definedIn = () => pathToFileURL(join(folder, 'desk.module.js')).href;

  it('are those of deciders and processes, at any depth, and of nothing else', () => {
    mkdirSync(join(folder, 'desk'));
    for (const name of [
      'b.process.js',
      'desk/a.decider.ts',
      'desk/a.decider.spec.ts',
      'desk/a.decider.d.ts',
      'desk/a.decider.js.map',
      'desk/desks.query.js',
    ])
      writeFileSync(join(folder, name), name);
    expect(deciderSources(definedIn())).toEqual(['b.process.js', 'desk/a.decider.ts']);
  });

  it('are none of a service that decides nothing', () => {
    expect(deciderSources(definedIn())).toEqual([]);
  });
});
