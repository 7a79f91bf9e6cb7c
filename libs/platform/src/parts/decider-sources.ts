import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DECIDES = /\.(decider|process)\.[jt]s$/;

/** The texts of all deciders that lie beside and below a service's module, by path: what its states depend on. @throws where there are none. */
export function deciderSources(definedIn: string): string[] {
  const paths = readdirSync(new URL('.', definedIn), { recursive: true, encoding: 'utf8' })
    .filter((path) => DECIDES.test(path))
    .sort();
  if (paths.length === 0)
    throw new Error(
      `no decider lies below ${fileURLToPath(new URL('.', definedIn))}: without their text nobody could tell which snapshots are of today's deciders`,
    );
  return paths.map((path) => readFileSync(new URL(path, definedIn), 'utf8'));
}
