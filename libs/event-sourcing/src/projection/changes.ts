import { createHash } from 'node:crypto';
import type { Tx } from '../decision/event-store.ts';
import { type Columns, literal, type TableRow, type Table, type Value } from './table.ts';

type Values = Readonly<Record<string, Value>>;

type Change =
  | { readonly kind: 'put'; readonly row: Record<string, Value> }
  | { readonly kind: 'patch'; readonly key: Values; readonly set: Values }
  | { readonly kind: 'remove'; readonly key: Values };

/** What is to become of one table. */
class TableChanges {
  readonly byKey = new Map<string, Change>();
  readonly swept: Values[] = [];

  constructor(readonly table: Table) {}

  put(row: Record<string, Value>) {
    this.byKey.set(this.keyOf(row), { kind: 'put', row });
  }

  patch(key: Values, set: Values) {
    const name = this.keyOf(key);
    const before = this.byKey.get(name);
    if (!before) this.byKey.set(name, { kind: 'patch', key, set });
    else if (before.kind === 'put') Object.assign(before.row, set);
    else if (before.kind === 'patch') this.byKey.set(name, { kind: 'patch', key, set: { ...before.set, ...set } });
    // A row that was removed is not there to be patched.
  }

  remove(match: Values) {
    if (this.table.key.every((column) => column in match)) {
      this.byKey.set(this.keyOf(match), { kind: 'remove', key: match });
      return;
    }
    for (const [name, change] of this.byKey) {
      if (change.kind === 'put' && Object.entries(match).every(([column, value]) => change.row[column] === value))
        this.byKey.delete(name);
    }
    this.swept.push(match);
  }

  private keyOf(values: Values): string {
    const { key } = this.table;
    return key.length === 1 ? String(values[key[0] ?? '']) : key.map((column) => String(values[column])).join('\u0000');
  }
}

/**
 * Changes to rows, folded in memory: of all that befalls a row only the outcome is written, and all rows of a table in one
 * statement. Five hundred events cost a handful of statements instead of five hundred.
 */
export class Changes {
  private readonly tables = new Map<string, TableChanges>();

  /** The row stands like this, replacing the one before. The object is not the caller's any more: later changes go into it. */
  put<C extends Columns>(table: Table<C>, row: TableRow<C>): void {
    this.of(table).put(row);
  }

  /** These columns of a row change, if it is there. */
  patch<C extends Columns>(table: Table<C>, key: Partial<TableRow<C>>, set: Partial<TableRow<C>>): void {
    this.of(table).patch(key as Values, set as Values);
  }

  /** A row goes; or all rows that have these values, in columns that never change. */
  remove<C extends Columns>(table: Table<C>, match: Partial<TableRow<C>>): void {
    this.of(table).remove(match as Values);
  }

  /** The rows that stand when nothing stood before, by table; and forgets all. */
  drain(take: (table: Table, row: Values) => void): void {
    for (const { table, byKey, swept } of this.tables.values()) {
      for (const change of byKey.values()) if (change.kind === 'put') take(table, change.row);
      byKey.clear();
      swept.length = 0;
    }
  }

  /** Writes all, a few statements a table. Rows are written in the order of their keys, so that two writers do not wait in a circle. */
  async write(tx: Tx): Promise<void> {
    for (const { table, byKey, swept } of this.tables.values()) {
      const changes = [...byKey].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, change]) => change);
      for (const [, rows] of groups(swept)) await run(tx, removal(table, rows));
      const gone = changes.flatMap((change) => (change.kind === 'remove' ? [change.key] : []));
      if (gone.length > 0) await run(tx, removal(table, gone));
      const rows = changes.flatMap((change) => (change.kind === 'put' ? [change.row] : []));
      if (rows.length > 0) await run(tx, upsert(table, rows));
      const patches = changes.flatMap((change) => (change.kind === 'patch' ? [change] : []));
      for (const [, group] of Map.groupBy(patches, ({ set }) => Object.keys(set).sort().join()))
        await run(tx, update(table, group));
    }
  }

  private of(table: Table): TableChanges {
    const known = this.tables.get(table.name);
    if (known) return known;
    const made = new TableChanges(table);
    this.tables.set(table.name, made);
    return made;
  }
}

const groups = (matches: readonly Values[]) => Map.groupBy(matches, (match) => Object.keys(match).sort().join());

interface Statement {
  readonly text: string;
  readonly values: (string | null)[][];
}

/** The columns as parameters, and as what they are inside the statement. Arrays travel as their literals: unnest would take them apart. */
function given(table: Table, columns: readonly string[], rows: readonly Values[]) {
  const type = (column: string) => table.columns[column] ?? 'text';
  const isArray = (column: string) => type(column).endsWith('[]');
  return {
    from: `unnest(${columns.map((column, i) => `$${i + 1}::${isArray(column) ? 'text' : type(column)}[]`).join(', ')}) AS n(${columns.join(', ')})`,
    read: (column: string) => (isArray(column) ? `n.${column}::${type(column)}` : `n.${column}`),
    values: columns.map((column) => rows.map((row) => literal(row[column] ?? null))),
  };
}

function upsert(table: Table, rows: readonly Values[]): Statement {
  const columns = Object.keys(table.columns);
  const { from, read, values } = given(table, columns, rows);
  const rest = columns
    .filter((column) => !table.key.includes(column))
    .map((column) => `${column} = excluded.${column}`);
  return {
    text: `INSERT INTO ${table.name} (${columns.join(', ')}) SELECT ${columns.map(read).join(', ')} FROM ${from}
           ON CONFLICT (${table.key.join(', ')}) DO ${rest.length > 0 ? `UPDATE SET ${rest.join(', ')}` : 'NOTHING'}`,
    values,
  };
}

function update(table: Table, patches: readonly { key: Values; set: Values }[]): Statement {
  const set = Object.keys(patches[0]?.set ?? {}).sort();
  const { from, read, values } = given(
    table,
    [...table.key, ...set],
    patches.map((patch) => ({ ...patch.set, ...patch.key })),
  );
  return {
    text: `UPDATE ${table.name} AS t SET ${set.map((column) => `${column} = ${read(column)}`).join(', ')} FROM ${from} WHERE ${table.key.map((column) => `t.${column} = ${read(column)}`).join(' AND ')}`,
    values,
  };
}

function removal(table: Table, matches: readonly Values[]): Statement {
  const columns = Object.keys(matches[0] ?? {}).sort();
  const { from, read, values } = given(table, columns, matches);
  return {
    text: `DELETE FROM ${table.name} AS t USING ${from} WHERE ${columns.map((column) => `t.${column} = ${read(column)}`).join(' AND ')}`,
    values,
  };
}

const names = new Map<string, string>();

/** Prepared under a name made of its text: it is planned once a connection, and again by PostgreSQL itself when tables are swapped. */
async function run(tx: Tx, { text, values }: Statement) {
  const name = names.get(text) ?? `rows-${createHash('sha256').update(text).digest('base64url').slice(0, 24)}`;
  names.set(text, name);
  await tx.query({ name, text, values });
}
