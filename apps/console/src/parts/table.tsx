import type { ReactNode } from 'react';
import style from './table.module.css';

export interface Column<T> {
  head: string;
  cell: (row: T) => ReactNode;
  /** What names the row, and what acts on it; the rest is told. */
  kind?: 'name' | 'act';
}

interface TableProps<T> {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  idOf: (row: T) => string;
  /** `quiet`: it stands there, but is over. `struck`: for good. */
  toneOf?: (row: T) => 'quiet' | 'struck' | undefined;
}

/** A table that becomes cards where it is narrow. The roles are said: other layouts would take them away. */
export const Table = <T,>({ caption, columns, rows, idOf, toneOf }: TableProps<T>) => (
  <table role="table" aria-label={caption} className={style.table}>
    <thead role="rowgroup">
      <tr role="row">
        {columns.map(({ head, kind }) => (
          <th key={head} role="columnheader" scope="col">
            {kind === 'act' ? <span className="visually-hidden">{head}</span> : head}
          </th>
        ))}
      </tr>
    </thead>
    <tbody role="rowgroup">
      {rows.map((row) => (
        <tr key={idOf(row)} role="row" data-tone={toneOf?.(row)}>
          {columns.map(({ head, cell, kind }) =>
            kind === 'name' ? (
              <th key={head} role="rowheader" scope="row" className={style.name}>
                {cell(row)}
              </th>
            ) : (
              <td
                key={head}
                role="cell"
                className={kind === 'act' ? style.act : ''}
                data-label={kind === 'act' ? undefined : head}
              >
                {cell(row)}
              </td>
            ),
          )}
        </tr>
      ))}
    </tbody>
  </table>
);
