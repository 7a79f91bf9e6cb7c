import type { Refusal } from './decider.ts';

/** The stream has moved on since it was read: load, decide and append again. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';
  constructor(readonly streamId: string, readonly expectedVersion: number) {
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

/** A command id came back with other content. */
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
  appendOnly: 'RC005',
  serialization: '40001',
  deadlock: '40P01',
  unique: '23505',
} as const;

/** The SQLSTATE of a database error, or undefined for anything else. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
