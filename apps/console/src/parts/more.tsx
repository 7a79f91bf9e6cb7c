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
