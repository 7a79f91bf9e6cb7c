const SECRET = /digest|hash|secret|token|sealed|password/i;

/** A copy without what an operator need not see: secrets and digests, at any depth. */
export function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET.test(name) && inner !== null ? '[masked]' : masked(inner),
    ]),
  );
}

/** Stands for personal data that stays sealed: every property of it is `[sealed]`. */
export const SEALED: Readonly<Record<string, string>> = new Proxy({}, { get: () => '[sealed]' });
