import type { FactKind } from './fact.ts';

/** A fact as it was read, or the fields that are not as its schema says. */
export type ReadFact = { readonly name: string; readonly data: unknown } | { readonly malformed: readonly string[] };

/**
 * Reads a fact of any version that was ever sent as today's: fields that its schema does not name are left out, and each
 * version's upcaster makes the next. Undefined for a name that `kindOf` does not know.
 */
export function readFact(
  name: string,
  data: unknown,
  kindOf: (name: string) => FactKind | undefined,
): ReadFact | undefined {
  const kind = kindOf(name);
  if (!kind) return undefined;
  const parsed = kind.schema.safeParse(data);
  if (!parsed.success) return { malformed: parsed.error.issues.map((issue) => issue.path.join('.')) };
  return kind.next ? readFact(kind.next.name, kind.next.upcast(parsed.data), kindOf) : { name, data: parsed.data };
}
