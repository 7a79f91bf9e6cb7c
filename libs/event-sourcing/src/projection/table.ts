/** Column types of read models, and what a row holds for each. */
export interface ColumnTypes {
  readonly 'uuid': string;
  readonly 'text': string;
  readonly 'integer': number;
  readonly 'boolean': boolean;
  readonly 'timestamptz': Date | string;
  readonly 'text[]': readonly string[];
  readonly 'uuid[]': readonly string[];
}

export type Columns = Readonly<Record<string, keyof ColumnTypes>>;

/** A table of a read model, as its migration made it: every column, and those that tell its rows apart. */
export interface Table<C extends Columns = Columns> {
  readonly name: string;
  readonly key: readonly string[];
  readonly columns: C;
}

/** Every column of a row; null where there is nothing. */
export type TableRow<C extends Columns> = { readonly [K in keyof C]: ColumnTypes[C[K]] | null };

/** Names a table of a read model. */
export const table = <const C extends Columns>(
  name: string,
  columns: C,
  ...key: readonly (keyof C & string)[]
): Table<C> => ({ name, key, columns });

export type Value = ColumnTypes[keyof ColumnTypes] | null;

/** A value as PostgreSQL reads it; null stays null. */
export function literal(value: Value): string | null {
  if (value === null || typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object') return `{${value.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
  return String(value);
}
