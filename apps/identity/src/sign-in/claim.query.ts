import type { EventStore, Sql } from '#event-sourcing';
import { findAccount } from '../account/profiles.query.ts';
import { governedBy } from '../governance/governance.query.ts';
import { type Claimed, claimed } from './next.ts';

/** An account as the machine sees it, as it is now. Undefined for an unknown one. */
export async function claim(
  store: EventStore,
  sql: Sql,
  key: Buffer,
  accountId: string,
  state?: Awaited<ReturnType<typeof findAccount>>,
): Promise<Claimed | undefined> {
  return claimed(accountId, state ?? (await findAccount(store, accountId)), await governedBy(sql, key, accountId));
}
