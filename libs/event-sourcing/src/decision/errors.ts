import { DatabaseError } from 'pg';
import type { Refusal } from './decider.ts';

/** The stream has moved on since it was read: load, decide and append again. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';
  constructor(
    readonly streamId: string,
    readonly expectedVersion: number,
  ) {
    super(`${streamId} is no longer at version ${expectedVersion}`);
  }
}

/** Another stream holds a name that this append wanted. */
export class ReservationTaken extends Error {
  override readonly name = 'ReservationTaken';
  constructor(readonly streamId: string) {
    super(`a name that ${streamId} asked for is taken`);
  }
}

/** A command id came back with other content, or for another kind of thing. */
export class CommandReused extends Error {
  override readonly name = 'CommandReused';
  constructor(readonly commandId: string) {
    super('this command id was used for something else');
  }
}

/** The database is not the one this log was written in: a restored or promoted copy. Nothing may be appended to it unseen. */
export class UnknownLog extends Error {
  override readonly name = 'UnknownLog';
}

/** A follower of the log knows events that the log does not have: the database is an older copy. */
export class OlderLog extends Error {
  override readonly name = 'OlderLog';
}

/** That the log is not known to be whole, also where its own check inside a statement has said so; undefined for everything else. */
export function logFault(error: unknown): UnknownLog | OlderLog | undefined {
  if (error instanceof UnknownLog || error instanceof OlderLog) return error;
  const state = sqlState(error);
  if (state === SQLSTATE.unproven) return new UnknownLog(messageOf(error));
  return state === SQLSTATE.older ? new OlderLog(messageOf(error)) : undefined;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** The domain said no. `code` is a row of the problem table. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: string;
  readonly detail: string;
  readonly facts: Readonly<Record<string, unknown>> | undefined;
  constructor(refusal: Refusal) {
    super(`${refusal.refused}: ${refusal.detail}`);
    this.code = refusal.refused;
    this.detail = refusal.detail;
    this.facts = refusal.facts;
  }
}

/** SQLSTATEs that the log's own functions raise, beside PostgreSQL's. */
export const SQLSTATE = {
  versionConflict: 'RC001',
  reservationTaken: 'RC002',
  commandRepeated: 'RC003',
  unproven: 'RC006',
  older: 'RC007',
  appendOnly: 'RC005',
  serialization: '40001',
  deadlock: '40P01',
  unique: '23505',
} as const;

/**
 * A database error without the values it met: PostgreSQL quotes them in details, contexts and in messages about bad input,
 * and all of that ends in logs.
 */
export class DatabaseFault extends Error {
  override readonly name = 'DatabaseFault';
  readonly code: string;
  readonly table: string | undefined;
  readonly constraint: string | undefined;
  constructor(error: DatabaseError, code: string) {
    super(QUOTES_VALUES.test(code) ? `PostgreSQL refused a value (${code})` : error.message);
    this.code = code;
    this.table = error.table;
    this.constraint = error.constraint;
  }
}

const QUOTES_VALUES = /^22/;

/** The same error, or what it says without values when PostgreSQL has reported it. */
export const withoutValues = (error: unknown): unknown =>
  logFault(error) ??
  (error instanceof DatabaseError && error.code !== undefined ? new DatabaseFault(error, error.code) : error);

/** The SQLSTATE of a database error, or undefined for anything else. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the database could not be asked, or its answer was lost: no SQLSTATE, or one of connections, resources and shutdowns. */
export const isAboutConnection = (error: unknown): boolean => {
  if (error instanceof VersionConflict || error instanceof ReservationTaken || error instanceof CommandReused)
    return false;
  const state = sqlState(error);
  return state === undefined || /^(08|53|57|58)/.test(state) || !/^[0-9A-Z]{5}$/.test(state);
};
