import ts from 'typescript';
import { mutate } from './mutants.ts';

const keys = (text: string) => mutate(text).mutants.map(({ key }) => key.replace(/^\w+: /, ''));

/** What a source's functions are with a mutant awake. */
function run<T>(text: string, mutant?: number): T {
  const { outputText } = ts.transpileModule(mutate(text).code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const module = { exports: {} };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the sources are those below
  new Function('module', 'exports', 'globalThis', outputText)(module, module.exports, { mutant });
  return module.exports as T;
}

describe('mutants', () => {
  it.each([
    ['a === b', ['a !== b']],
    ['a < b', ['a <= b', 'a >= b']],
    ['a + b', ['a - b']],
    ['a && b', ['a || b']],
    ['a ?? b ?? c', ['a && b', '(a ?? b) && c']],
    ['!a', ['a']],
    ['7', ['7 + 1']],
    ['"x"', ["''"]],
    ['""', ["'mutant'"]],
    ['[a]', ['[]']],
    ['[]', ['[undefined]']],
    ['a.some(b)', ['a.every(b)']],
    ['a.filter(b)', ['a']],
    ['a.toString()', []],
    ['a ? b : c', ['true', 'false']],
  ])('of %s are %j', (text, become) => {
    expect(keys(`export const f = () => ${text};`).map((key) => key.split(' → ')[1])).toEqual(become);
  });

  it('leave out statements, and say where they are', () => {
    expect(mutate('function tell() {\n  say();\n  return heard;\n}').mutants).toMatchObject([
      { key: 'tell: say(); → (nothing)', line: 2, isStatic: false },
      { key: 'tell: return heard; → (nothing)', line: 3 },
    ]);
  });

  it('leave what an if alone does to its condition, so that none is made twice', () => {
    expect(keys('function f() { if (a) throw b; }')).toEqual(['a → true', 'a → false']);
  });

  it('leave types, imports, names and texts for people alone', () => {
    expect(
      keys(
        'import { a } from "x"; export type T = "x" | 7; interface I { "y": true } export const f = (b: "z") => ({ "name": b as 7, c: "You may not." } satisfies T);',
      ),
    ).toEqual(
      ['({ "name": b as 7, c: "You may not." } satisfies T) → {}'].map((key) =>
        key.replace('({', '{').replace(' satisfies T)', ''),
      ),
    );
  });

  it('sleep until one is named, and then it alone is awake', () => {
    const text = 'export const limit = (n: number): string => { if (n < 10 && n !== 3) return "low"; return "high"; };';
    const { mutants } = mutate(text);
    const said = (mutant?: number) => {
      const { limit } = run<{ limit: (n: number) => string | undefined }>(text, mutant);
      return [3, 9, 10, 11].map(limit);
    };
    expect(said()).toEqual(['high', 'low', 'high', 'high']);
    const named = (part: string) => mutants.find(({ key }) => key.endsWith(part))?.id;
    expect(said(named('→ n <= 10'))).toEqual(['high', 'low', 'low', 'high']);
    expect(said(named('→ n === 3'))).toEqual(['low', 'high', 'high', 'high']);
    expect(said(named('"low" → \'\''))).toEqual(['high', '', 'high', 'high']);
    expect(said(named('return "high"; → (nothing)'))).toEqual([undefined, 'low', undefined, undefined]);
  });

  it('are static where they run when the file is loaded', () => {
    expect(
      mutate('const MAX = 7; export const f = () => 8; class A { b = 9; static c = 10 }').mutants.map(
        ({ isStatic }) => isStatic,
      ),
    ).toEqual([true, false, false, true]);
  });
});
