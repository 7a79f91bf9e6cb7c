import { readdirSync, readFileSync } from 'node:fs';

const DECIDES = /\.(decider|process)\.[jt]s$/;

/** The texts of all deciders that lie beside and below a service's module, by path: what its states depend on. */
export function deciderSources(definedIn: string): string[] {
  return readdirSync(new URL('.', definedIn), { recursive: true, encoding: 'utf8' })
    .filter((path) => DECIDES.test(path))
    .sort()
    .map((path) => readFileSync(new URL(path, definedIn), 'utf8'));
}
