import type { identity } from '#contracts';
import { type EventStore, load, loadMany, type LoadOptions, type Sql } from '#event-sourcing';
import { Problem } from '#platform';
import { demandsOf } from '../demand/demands.query.ts';
import { account, ERASED } from './account.decider.ts';
import type { Account, AccountStatus } from './vocabulary.decider.ts';
import { IDLE_MS } from '../session/idle-timeout.ts';

/** An account as its stream says, with what only the person's key opens. Undefined for an unknown one. */
export async function findAccount(
  store: EventStore,
  accountId: string,
  options?: LoadOptions,
): Promise<AccountStatus | undefined> {
  const { state } = await load(store, account, accountId, options);
  return state.status === 'unregistered' ? undefined : state;
}

/** As `findAccount`, while there is somebody who holds it: undefined for an erased person, to whom no way leads back. */
export async function findHolder(store: EventStore, accountId: string): Promise<AccountStatus | undefined> {
  const found = await findAccount(store, accountId);
  return found?.email === ERASED ? undefined : found;
}

/** @throws Problem for an unknown account. */
export async function profile(store: EventStore, sql: Sql, accountId: string): Promise<identity.Account> {
  const found = await findAccount(store, accountId);
  return profileOf(sql, accountId, found ?? account.initial);
}

/** The profile that a state is. @throws Problem for an unknown account. */
export async function profileOf(sql: Sql, accountId: string, state: Account): Promise<identity.Account> {
  return profileView(accountId, state, (await demandsOf(sql, accountId)).idleTimeout);
}

/** As `profileOf`, where it is known whether its organizations want idle sessions to end. */
export function profileView(accountId: string, state: Account, idleTimeoutRequired: boolean): identity.Account {
  if (state.status === 'unregistered') throw new Problem('account/unknown', 'No account has this id.');
  return { ...view(accountId, state), idleTimeoutRequired };
}

/** The accounts that are known, in no particular order, as lists of others show them: without what is asked of them. */
export async function profiles(store: EventStore, accountIds: readonly string[]): Promise<identity.Account[]> {
  const loaded = await loadMany(store, account, accountIds);
  return [...loaded].flatMap(([accountId, { state }]) =>
    state.status === 'unregistered'
      ? []
      : [{ ...view(accountId, state), multiFactor: state.multiFactor, erased: state.email === ERASED }],
  );
}

const view = (accountId: string, state: AccountStatus): identity.Account => ({
  accountId,
  email: state.email,
  name: state.name,
  createdAt: state.registeredAt,
  status: state.status,
  idleTimeoutEnabled: state.idleTimeout,
  idleTimeoutMinutes: IDLE_MS / 60_000,
  idleTimeoutRequired: false,
});
