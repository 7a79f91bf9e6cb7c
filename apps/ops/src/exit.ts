import type { Problem } from '#platform';

/** Exit codes of `rollcall` (the last three after sysexits.h and the shells). */
export const EXIT = {
  ok: 0,
  fault: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  drift: 5,
  partial: 6,
  away: 69,
  config: 78,
  interrupted: 130,
} as const;

/** Ends the command with this code and these words on stderr. */
export class Ended extends Error {
  override readonly name = 'Ended';
  constructor(
    readonly code: (typeof EXIT)[keyof typeof EXIT],
    said: string,
  ) {
    super(said);
  }
}

/** Told by its name: the class comes with the whole platform, which no command loads before it needs it. */
export const isProblem = (error: unknown): error is Problem => error instanceof Error && error.name === 'Problem';

/** How the command ends after a failure, and what its user reads. */
export function endedBy(error: unknown): Ended {
  if (error instanceof Ended) return error;
  if (!isProblem(error)) return new Ended(EXIT.fault, error instanceof Error ? error.message : String(error));
  const { code, detail } = error;
  if (code === 'service/unavailable') return new Ended(EXIT.away, detail);
  if (code === 'request/invalid') return new Ended(EXIT.usage, detail);
  if (code.endsWith('/unknown')) return new Ended(EXIT.notFound, detail);
  return new Ended(EXIT.refused, detail);
}
