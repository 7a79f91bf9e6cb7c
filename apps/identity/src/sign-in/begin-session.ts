import { randomBytes } from 'node:crypto';
import { type Cause, handle, type Handled, type EventStore } from '#event-sourcing';
import { v7 as uuid } from 'uuid';
import { login, type LoginMethod } from './login.decider.ts';
import { session } from '../session/session.decider.ts';
import { tokenDigest } from '../session/sessions.query.ts';

/** A session that has just begun, with its secret: this once. */
export interface Begun {
  readonly sessionId: string;
  readonly token: string;
  readonly handled: readonly Handled<unknown, unknown>[];
}

/** Begins a session of an account that has proved itself, and records the sign-in. `store` is inside the caller's transaction. */
export async function beginSession(
  store: EventStore,
  accountId: string,
  method: LoginMethod,
  cause: Cause,
): Promise<Begun> {
  const token = randomBytes(32).toString('base64url');
  const sessionId = uuid();
  const at = cause.at.toISOString();
  const started = await handle(
    store,
    session,
    sessionId,
    { type: 'StartSession', accountId, tokenDigest: tokenDigest(token) },
    cause,
  );
  const recorded = await handle(store, login, accountId, { type: 'RecordLogin', sessionId, method, at }, cause);
  return { sessionId, token, handled: [started, recorded] };
}
