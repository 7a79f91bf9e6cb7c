import { type ReactNode, useState } from 'react';
import { common } from '../texts/common.ts';
import { Button } from './button.tsx';
import style from './more.module.css';

interface MoreProps {
  of: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
}

/** Under a list that goes on: what follows. */
export const More = ({ of: { hasNextPage, isFetchingNextPage, fetchNextPage } }: MoreProps) =>
  hasNextPage && (
    <Button className={style.more ?? ''} busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
      {common.more}
    </Button>
  );

const ROWS = 200;

interface LongProps<T> extends MoreProps {
  /** Those that match, of all that are here. */
  rows: readonly T[];
  children: (shown: readonly T[]) => ReactNode;
}

/** A list of thousands shows 200 at a time: drawing 2,000 rows at once takes seconds. */
export function Long<T>({ rows, of, children }: LongProps<T>) {
  const [most, show] = useState(ROWS);
  const isCut = rows.length > most;
  const more = async () => {
    show(most + ROWS);
    if (!isCut) await of.fetchNextPage();
  };
  return (
    <>
      {children(rows.slice(0, most))}
      <More of={{ ...of, hasNextPage: isCut || of.hasNextPage, fetchNextPage: more }} />
    </>
  );
}
