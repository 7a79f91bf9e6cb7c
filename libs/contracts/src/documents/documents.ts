import { isDeepStrictEqual } from 'node:util';
import { factKinds } from '../facts/index.ts';
import type { FactKind } from '../facts/fact.ts';
import { asyncApi } from './async-api.ts';
import { factSchema } from './fact-schema.ts';
import { type ReleasedFact, releasedFact } from './released-fact.ts';

const kinds: readonly FactKind[] = Object.values(factKinds);
const json = (document: object) => `${JSON.stringify(document, null, 2)}\n`;

/** Every generated document, by its file below `libs/contracts/schemas`. */
export function documents(version: string): Map<string, string> {
  return new Map([
    ...kinds.map((kind) => [`facts/${kind.name}.json`, json(factSchema(kind))] as const),
    ['asyncapi.json', json(asyncApi(kinds, version))],
  ]);
}

/** What a release adds to the golden files: facts that are new, or have new fields since they were last kept. */
export function release(version: string, kept: readonly ReleasedFact[]): Map<string, string> {
  const last = new Map(kept.map((fact) => [fact.name, fact]));
  const fresh = kinds
    .map(releasedFact)
    .filter((fact) => !isDeepStrictEqual(last.get(fact.name), JSON.parse(JSON.stringify(fact))));
  return new Map(fresh.map((fact) => [`released/${version}/${fact.name}.json`, json(fact)]));
}
