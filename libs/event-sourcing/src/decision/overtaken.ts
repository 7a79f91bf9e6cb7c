import { DatabaseFault, SQLSTATE, sqlState, VersionConflict } from './errors.ts';

/** Those of one process take turns (`Turns`), so it is other replicas that overtake: each of these is another round of theirs. */
const ATTEMPTS_MAX = 10;

/** Carries out what others may overtake; again at once, decided anew, when they did. @throws what the tenth attempt failed by. */
export async function untilNotOvertaken<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !overtaken(error)) throw error;
    }
  }
}

const overtaken = (error: unknown) =>
  error instanceof VersionConflict || OVERTAKEN.has(sqlState(error)) || isTakenVersion(error);

const OVERTAKEN = new Set<string | undefined>([SQLSTATE.serialization, SQLSTATE.deadlock, SQLSTATE.versionConflict]);

/** As an append to several streams says it, which does not know of which one. */
const isTakenVersion = (error: unknown) =>
  error instanceof DatabaseFault && error.code === SQLSTATE.unique && error.table === 'events';
