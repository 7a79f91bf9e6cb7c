import type { EventStore, Sql } from '#event-sourcing';
import type { AccountStatus } from '../account/vocabulary.decider.ts';
import { findAccount } from '../account/profiles.query.ts';
import { type Governance, governanceOf } from '../governance/governance.query.ts';
import { type Claimed, claimed } from './next.ts';

/** An account as it is now: as the machine sees it (undefined for an unknown one), and what its organization lets it come by. */
export async function claim(
  store: EventStore,
  sql: Sql,
  key: Buffer,
  accountId: string,
  known?: AccountStatus,
): Promise<Governance & { readonly claimed: Claimed | undefined; readonly state: AccountStatus | undefined }> {
  const governance = await governanceOf(sql, key, accountId);
  const state = known ?? (await findAccount(store, accountId));
  return { ...governance, state, claimed: claimed(accountId, state, governance.governed) };
}
