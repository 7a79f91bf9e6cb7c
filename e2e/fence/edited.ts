import { transformSync } from '@swc/core';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { SourceTextModule, SyntheticModule } from 'node:vm';

const ROOT = join(import.meta.dirname, '../..');
const IMPORTED = /^(?:import (?!type )|export ).*from '(\.[^']+)'/gm;

/** A change of one place in the source of the product: `from` stands in the file exactly once. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Loads modules of the product as if their source had been edited. Those that import an edited one are loaded anew, too; all else is the module that
 * the other tests share. Files are relative to the root.
 * @throws when an edit no longer fits its file: a change of that code must say anew how the rule there is broken.
 */
export function edited(edits: readonly Edit[]): <M>(file: string) => Promise<M> {
  const sources = new Map<string, string>();
  for (const { file, from, to } of edits) {
    const pieces = (sources.get(file) ?? source(file)).split(from);
    if (pieces.length !== 2)
      throw new Error(
        `${file} has ${pieces.length - 1} places like this, and not one; say anew how its rule is broken: ${from}`,
      );
    sources.set(file, pieces.join(to));
  }
  const reaches = memo(
    (file: string): boolean =>
      sources.has(file) || (sources.size > 0 && imports(file).some((imported) => reaches(imported))),
  );
  const load = memo(async (file: string): Promise<{ namespace: object }> => {
    if (!reaches(file)) return { namespace: (await import(join(ROOT, file))) as object };
    const module = new SourceTextModule(compiled(file, sources.get(file) ?? source(file)), {
      identifier: join(ROOT, file),
    });
    await module.link(async (specifier) =>
      shown(
        specifier.startsWith('.')
          ? (await load(join(dirname(file), specifier))).namespace
          : ((await import(specifier)) as object),
      ),
    );
    await module.evaluate();
    return module;
  });
  return async <M>(file: string) => (await load(file)).namespace as M;
}

function shown(namespace: object) {
  const entries = Object.entries(namespace);
  return new SyntheticModule(
    entries.map(([name]) => name),
    function () {
      for (const [name, value] of entries) this.setExport(name, value);
    },
  );
}

const source = (file: string) => readFileSync(join(ROOT, file), 'utf8');

const imports = (file: string) =>
  [...source(file).matchAll(IMPORTED)].map(([, specifier = '']) =>
    relative(ROOT, join(ROOT, dirname(file), specifier)),
  );

/** As Jest compiles it. */
const compiled = (filename: string, text: string) =>
  transformSync(text, {
    filename,
    swcrc: false,
    module: { type: 'es6' },
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      target: 'es2024',
    },
  }).code;

function memo<A>(of: (file: string) => A): (file: string) => A {
  const known = new Map<string, A>();
  return (file) => {
    const found = known.get(file) ?? of(file);
    known.set(file, found);
    return found;
  };
}
