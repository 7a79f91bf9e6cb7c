import type { identity } from '#contracts';
import { type CallContext, Peers } from '#platform';
import { Injectable } from '@nestjs/common';

/** Names and addresses, asked of identity at the moment of need: nothing else keeps them. */
@Injectable()
export class People {
  constructor(private readonly peers: Peers) {}

  async describe(
    accountIds: readonly string[],
    context: CallContext,
  ): Promise<(accountId: string) => { name: string; email: string }> {
    const known = await this.accounts(accountIds, context);
    return (accountId) => {
      const { name = '', email = '' } = known.get(accountId) ?? {};
      return { name, email };
    };
  }

  /** What people are called, without those who are erased. */
  async names(accountIds: readonly string[], context: CallContext): Promise<ReadonlyMap<string, string>> {
    const known = [...(await this.accounts(accountIds, context)).values()];
    return new Map(known.filter(({ erased }) => !erased).map(({ accountId, name }) => [accountId, name]));
  }

  /** The accounts that are known, by their ids. */
  async accounts(accountIds: readonly string[], context: CallContext): Promise<ReadonlyMap<string, identity.Account>> {
    const unique = [...new Set(accountIds)];
    if (unique.length === 0) return new Map();
    const { seen: _, ...plain } = context;
    const { accounts } = await this.peers.of('identity', 'Accounts').describeAccounts({ accountIds: unique }, plain);
    return new Map(accounts.map((account) => [account.accountId, account]));
  }
}
