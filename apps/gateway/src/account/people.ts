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
    const unique = [...new Set(accountIds)];
    if (unique.length === 0) return () => ({ name: '', email: '' });
    const { seen: _, ...plain } = context;
    const { accounts } = await this.peers.of('identity', 'Accounts').describeAccounts({ accountIds: unique }, plain);
    const known = new Map(accounts.map(({ accountId, name, email }) => [accountId, { name, email }]));
    return (accountId) => known.get(accountId) ?? { name: '', email: '' };
  }
}
