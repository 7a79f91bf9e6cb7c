import { useEffect } from 'react';

const KEY = 'rollcall-reloaded';
const AGAIN_MS = 60_000;

/** A file of the console is not there: browsers say it each in their own words, and have no other name for it. */
const isMissing = (error: unknown) =>
  error instanceof Error && /dynamically imported module|importing a module script|preload css/i.test(error.message);

/** A page of before an upgrade asks for files that are there no more: the new one takes its place, once a minute at most. */
export function useNewest(error: unknown): void {
  useEffect(() => {
    if (!isMissing(error) || Date.now() - Number(sessionStorage.getItem(KEY) ?? 0) < AGAIN_MS) return;
    sessionStorage.setItem(KEY, String(Date.now()));
    location.reload();
  }, [error]);
}
