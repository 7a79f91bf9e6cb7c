import { useSyncExternalStore } from 'react';

const ASK_AGAIN_MS = 3_000;

/** Since when the server has not been reached, ms; undefined: it answers. */
let lostAt: number | undefined;
let asking: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/**
 * Says what a request met that was begun at `begunAt`, ms: one of before the connection was lost says nothing of now.
 * While nothing is reached, it is asked again by itself.
 */
export function reached(isReached: boolean, begunAt = Date.now()): void {
  if (isReached === (lostAt === undefined)) return;
  if (isReached && lostAt !== undefined && begunAt < lostAt) return;
  lostAt = isReached ? undefined : Date.now();
  clearInterval(asking);
  if (!isReached) asking = setInterval(() => void look(), ASK_AGAIN_MS);
  for (const listener of listeners) listener();
}

async function look() {
  const answer = await fetch('/livez').catch(() => undefined);
  if (answer?.ok) reached(true);
}

addEventListener('offline', () => {
  reached(false);
});
addEventListener('online', () => void look());

export const onReachable = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Since when there is no connection, ms since 1970 by the browser; undefined while there is one. */
export const useLost = (): number | undefined => useSyncExternalStore(onReachable, () => lostAt);
