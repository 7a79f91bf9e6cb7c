import { type Clock, Problem } from '#platform';

const AHEAD_MAX_MS = 5 * 60_000;

/** Refuses what is said of the future, by the pointer of each field. @throws Problem */
export function notAhead(clock: Clock, instants: readonly (readonly [pointer: string, at: Date])[]): void {
  const latest = clock.now().getTime() + AHEAD_MAX_MS;
  const fields = instants.flatMap(([pointer, at]) =>
    at.getTime() > latest ? [{ pointer, detail: 'is more than 5 minutes in the future' }] : [],
  );
  if (fields.length > 0)
    throw new Problem(
      'request/invalid',
      'Activity cannot lie in the future. Set the clock of the machine that sent it, and send it again.',
      { fields },
    );
}
