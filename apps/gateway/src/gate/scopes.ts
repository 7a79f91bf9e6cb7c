import { Problem } from '#platform';
import type { KeyHolder } from './admit.ts';

/** A key without scopes may do all that keys may; one with scopes only what they say. @throws Problem: 403 */
export function requireScope({ scopes }: Pick<KeyHolder, 'scopes'>, scope: string): void {
  if (scopes.length > 0 && !scopes.includes(scope))
    throw new Problem('key/scope-required', `This key lacks the scope ${scope}. Make a key that has it.`);
}
