import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { states } from '../texts/common.ts';
import { Loading } from './loading.tsx';
import { Trouble } from './trouble.tsx';
import style from './states.module.css';

interface ListedProps<D> {
  query: UseQueryResult<D>;
  /** What is listed, for those who hear that it loads: "Keys". */
  what: string;
  rows?: number;
  children: (data: D) => ReactNode;
}

/** What a query brings: bones until it is there, what went wrong in its place, and a word while it does not show the newest change yet. */
export function Listed<D extends object>({ query, what, rows, children }: ListedProps<D>) {
  // What was here stays readable while there is no connection.
  if (query.data === undefined)
    return query.error ? (
      <Trouble error={query.error} />
    ) : (
      <Loading what={what} {...(rows === undefined ? {} : { rows })} />
    );
  return (
    <>
      <p role="status" className={style.stale}>
        {'stale' in query.data && query.data.stale === true ? states.stale : ''}
      </p>
      {children(query.data)}
    </>
  );
}
