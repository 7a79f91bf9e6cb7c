import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kindOf } from './declare.ts';
import { EVENT_TYPES } from './event-types.ts';
import { EXAMPLES } from './examples.ts';
import { commandsOf, program } from './program.ts';
import { OWNERS, SERVICES } from './services.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const all = commandsOf(program());

describe('the commands of rollcall', () => {
  it('look, or plan before they change anything: those for developers and the first one alone act at once', () => {
    expect(all.length).toBeGreaterThan(25);
    expect(all.filter(([, command]) => kindOf(command) === undefined).map(([words]) => words)).toEqual([]);
    expect(all.filter(([, command]) => kindOf(command) === 'acts').map(([words]) => words)).toEqual([
      'init',
      ...all.map(([words]) => words).filter((words) => words.startsWith('dev ')),
    ]);
  });

  it('ask for a decision and its reason in the same words', () => {
    const changing = all.filter(([, command]) => kindOf(command) === 'changes');
    expect(changing.map(([words]) => words)).toEqual(
      expect.arrayContaining(['operators add', 'operators remove', 'keys revoke', 'log reopen', 'events replay']),
    );
    for (const [words, { options }] of changing)
      expect([words, options.map(({ long }) => long)]).toEqual([
        words,
        expect.arrayContaining(['--apply', '--reason']),
      ]);
  });

  it('say the same to services: a request of an operator that changes something says whether it is meant, and why', () => {
    const protos = globSync('libs/contracts/proto/rollcall/**/*.proto', { cwd: root }).map(read).join('\n');
    const asked = new Set(
      globSync('{apps,libs}/*/src/**/*.controller.ts', { cwd: root, exclude: (name) => name === 'node_modules' })
        .map(read)
        .flatMap((code) => {
          const everywhere = /@CallableBy\('operator'\)\n(?:@\w+\(\)\n)*export class/.test(code);
          return [
            ...code.matchAll(
              /@GrpcMethod\('\w+'\)\n(?: {2}@CallableBy\(([^)]*)\)\n)?(?: {2}@\w+\([^)]*\)\n)* {2}(?:async )?(\w+)\(/g,
            ),
          ].flatMap(([, callers, method = '']) =>
            (callers === undefined ? everywhere : callers.includes('operator')) ? [method] : [],
          );
        }),
    );
    expect([...asked]).toEqual(
      expect.arrayContaining(['getStatus', 'dropBuild', 'revokeKeys', 'closeGap', 'reopenLog']),
    );
    const undecided = [...asked].filter((method) => {
      if (/^(get|list|read|explain|tail|check|verify|find|inspect|event|published)/.test(method)) return false;
      const request = new RegExp(`rpc ${method}\\((\\w+)\\)`, 'i').exec(protos)?.[1] ?? '';
      const fields = new RegExp(`message ${request} \\{([^}]*)\\}`).exec(protos)?.[1] ?? '';
      return !(/bool apply = /.test(fields) && /string reason = /.test(fields));
    });
    expect(undecided).toEqual([]);
  });

  it('load no library of ours before they run: their help costs a fifth of a second', () => {
    const eager = globSync('apps/ops/src/*.cli.ts', { cwd: root }).flatMap((file) =>
      [...read(file).matchAll(/^import (?!type )[^;]*? from '(#[^']+)'/gm)].map(([, from]) => [file, from]),
    );
    expect(eager).toEqual([]);
  });

  it('each have examples, of themselves and with options that there are', () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(all.map(([words]) => words).sort());
    const everywhere = program().options.map(({ long }) => long);
    for (const [words, { options }] of all)
      // Behind -- stands another command.
      for (const example of (EXAMPLES[words] ?? []).map((each) => each.replace(/ -- .*/, ''))) {
        const known = [...everywhere, ...options.map(({ long }) => long)];
        expect([example, example.match(/(?<= )--[a-z-]+/g)?.filter((option) => !known.includes(option)) ?? []]).toEqual(
          [example, []],
        );
        if (!example.startsWith('--')) expect(example.startsWith(words)).toBe(true);
      }
  });

  it('know every event that a service writes', () => {
    const written = globSync('apps/*/src/outbox.ts', { cwd: root })
      .map(read)
      .flatMap((code) => [...code.matchAll(/case '([A-Z]\w+)'/g)].map(([, name = '']) => name));
    expect([...EVENT_TYPES]).toEqual([...new Set(written)].sort());
  });

  it('know every service', async () => {
    const contracts = await import('#contracts');
    expect([OWNERS, SERVICES]).toEqual([Object.keys(contracts.GRPC_PACKAGES), contracts.SERVICES]);
  });
});
