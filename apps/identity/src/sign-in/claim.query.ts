import type { EventStore, Loaded, Sql } from '#event-sourcing';
import type { Account, AccountStatus } from '../account/vocabulary.decider.ts';
import { findAccount } from '../account/profiles.query.ts';
import { type Governance, governanceOf } from '../governance/governance.query.ts';
import { type Claimed, claimed } from './next.ts';

/** An account as it is now: as the machine sees it (undefined for an unknown one), and what its organization lets it come by. */
export interface Claim extends Governance {
  readonly claimed: Claimed | undefined;
  readonly state: AccountStatus | undefined;
}

/** @param known the account as it was read a moment ago: read again only where its stream has gone on since. */
export async function claim(
  store: EventStore,
  sql: Sql,
  key: Buffer,
  accountId: string,
  known?: Loaded<Account>,
): Promise<Claim> {
  const governance = await governanceOf(sql, key, accountId);
  const isAsKnown = known?.version === governance.version && known.state.status !== 'unregistered';
  const state = isAsKnown ? known.state : await findAccount(store, accountId);
  return { ...governance, state, claimed: claimed(accountId, state, governance.governed) };
}
