import { shapes } from '#contracts';
import { Problem } from '#platform';
import type { KeyHolder } from './admit.ts';

/** @throws Problem: 403 where a key may not do what a scope stands for. */
export function requireScope({ scopes }: Pick<KeyHolder, 'scopes'>, scope: string): void {
  const byAll = scope !== shapes.RECORD_SCOPE && scopes.includes(shapes.EVERY_SCOPE);
  if (!byAll && !scopes.includes(scope))
    throw new Problem('key/scope-required', `This key lacks the scope ${scope}. Make a key that has it.`);
}
