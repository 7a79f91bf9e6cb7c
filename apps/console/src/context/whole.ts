import { useEffect } from 'react';

interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isError: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** Brings what is left of a long list, a page after the other: whoever is looked for or chosen may be on any of them. */
export function useWhole({ hasNextPage, isFetchingNextPage, isError, fetchNextPage }: Pages, isWanted = true): void {
  useEffect(() => {
    if (isWanted && hasNextPage && !isFetchingNextPage && !isError) void fetchNextPage();
  }, [isWanted, hasNextPage, isFetchingNextPage, isError, fetchNextPage]);
}
