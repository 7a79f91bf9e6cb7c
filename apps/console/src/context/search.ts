const MAX = 200;

/** A text of the address, when it is one: `find=laptop`. */
export const text = <const N extends string>(name: N, search: Record<string, unknown>): { [key in N]?: string } => {
  const value = search[name];
  // The router reads `find=12` as a number.
  const words = typeof value === 'number' ? String(value) : value;
  return typeof words === 'string' && words !== '' ? ({ [name]: words.slice(0, MAX) } as { [key in N]: string }) : {};
};

/** The same, of ids. */
export const uuid = <const N extends string>(name: N, search: Record<string, unknown>): { [key in N]?: string } =>
  /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(String(search[name])) ? text(name, search) : {};

/** One of some words. */
export const oneOf = <const N extends string, const W extends string>(
  name: N,
  words: readonly W[],
  search: Record<string, unknown>,
): { [key in N]?: W } => {
  const word = words.find((each) => each === search[name]);
  return word === undefined ? {} : ({ [name]: word } as { [key in N]: W });
};

/** A path of this console: never another site's address. */
export const localPath = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : undefined;
