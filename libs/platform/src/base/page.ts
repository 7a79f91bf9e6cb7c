/** A part of a list in the order of ids; `after` excluded. */
export interface Part {
  readonly after?: string | undefined;
  readonly limit: number;
}

/** The part, and where to go on when there is more. Expects one row more than the limit where there is one. */
export function page<T>(rows: readonly T[], limit: number, idOf: (item: T) => string): { items: T[]; next?: string } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > items.length && last !== undefined ? { items, next: idOf(last) } : { items };
}
