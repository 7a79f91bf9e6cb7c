/** How far the server's clock is ahead of this browser's, in ms, by the last answer's `Date`. */
let ahead = 0;

/** The server's clock: every time that is shown or counted is judged by it, never by the browser's. ms since 1970. */
export const now = (): number => Date.now() + ahead;

/** Learns the server's clock from an answer; its header has whole seconds, so less than two of difference say nothing. */
export function setClock(header: string | null): void {
  const told = Date.parse(header ?? '');
  if (!Number.isNaN(told) && Math.abs(told - now()) > 2_000) ahead = told - Date.now();
}
