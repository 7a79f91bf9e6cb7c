import type { EventStore, Sql } from '#event-sourcing';
import { findAccount } from '../account/profiles.query.ts';
import { type Governance, governanceOf } from '../governance/governance.query.ts';
import { type Claimed, claimed } from './next.ts';

/** An account as it is now: as the machine sees it (undefined for an unknown one), and what its organization lets it come by. */
export async function claim(
  store: EventStore,
  sql: Sql,
  key: Buffer,
  accountId: string,
  state?: Awaited<ReturnType<typeof findAccount>>,
): Promise<Governance & { readonly claimed: Claimed | undefined }> {
  const governance = await governanceOf(sql, key, accountId);
  const found = state ?? (await findAccount(store, accountId));
  return { ...governance, claimed: claimed(accountId, found, governance.governed) };
}
