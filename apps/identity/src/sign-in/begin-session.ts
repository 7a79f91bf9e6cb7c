import {
  type Appended,
  type Cause,
  decided,
  type EventStore,
  followUp,
  handle,
  load,
  type SealingKeys,
  type Tx,
} from '#event-sourcing';
import { v7 as uuid } from 'uuid';
import { type LoginMethod, session } from '../session/session.decider.ts';
import { sessionIdsOfAccount, newToken, tokenDigest } from '../session/sessions.query.ts';
import { keepVisit, type Visit } from '../session/devices.ts';
import type { Account } from '../account/vocabulary.decider.ts';
import type { Governed } from '../governance/governance.query.ts';
import { passDoor, type Through } from '../governance/through.ts';
import { keepProviderSession } from '../governance/provider-sessions.ts';
import { login } from './login.decider.ts';

/** Sessions that an account may have open at a time; the oldest makes room. */
const OPEN_MAX = 50;

/** A session that has just begun, with its secret: this once. */
export interface Begun {
  readonly accountId: string;
  /** The account that it is of, as it was under its lock. */
  readonly account: Account;
  readonly sessionId: string;
  readonly token: string;
  /** The secret by which the browser is known again, where it was not. */
  readonly deviceToken: string | undefined;
  readonly handled: readonly Pick<Appended, 'streamId' | 'version'>[];
}

export interface Beginning {
  readonly accountId: string;
  readonly account: Account;
  readonly methods: readonly LoginMethod[];
  readonly visit: Visit;
  readonly masterKeys: SealingKeys;
  /** What its organization lets it come by, as it is in this transaction. */
  readonly governed: Governed | undefined;
  /** The provider that has vouched for the person. */
  readonly through?: Through | undefined;
}

/**
 * Begins a session of an account that has proved itself, and records the sign-in. `store` and `tx` are inside the caller's
 * transaction, under the account's lock. @throws Problem where its organization's provider judges alone, and has not judged.
 */
export async function beginSession(
  store: EventStore,
  tx: Tx,
  { accountId, account, methods, visit, masterKeys, governed, through }: Beginning,
  cause: Cause,
): Promise<Begun> {
  const came = await passDoor(tx, governed, through, cause.at);
  const token = newToken();
  const sessionId = uuid();
  for (const oldest of (await sessionIdsOfAccount(tx, accountId)).slice(OPEN_MAX - 1))
    await handle(store, session, oldest, { type: 'EndSession', accountId, reason: 'too-many' }, followUp(cause));
  const device = await keepVisit(tx, masterKeys, { accountId, sessionId }, visit, cause.at);
  if (through) await keepProviderSession(tx, sessionId, through, cause.at);
  const at = cause.at.toISOString();
  const handled = await store.appendMany(
    [
      decided(session, sessionId, {
        type: 'StartSession',
        accountId,
        tokenDigest: tokenDigest(token),
        methods,
        ...came,
      }),
      decided(
        login,
        accountId,
        { type: 'RecordLogin', sessionId, methods, newDevice: !device.known, at },
        await load(store, login, accountId),
      ),
    ].map(({ streamId, expectedVersion, events }) => ({ streamId, expectedVersion, events, cause })),
  );
  return { accountId, account, sessionId, token, deviceToken: device.token, handled };
}
