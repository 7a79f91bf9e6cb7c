import type { keyManagement } from '#contracts';
import { CallableBy, Clock, type Controller } from '#platform';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { activeKeysOf, keyNames } from './key-directory.query.ts';

/** What lists of other things say of keys. */
export type KeyLists = Pick<Controller<keyManagement.Keys>, 'countKeys' | 'nameKeys'>;

/** A page of a list at a time. Whether the caller may know it was judged where the list is. */
@NestController()
export class KeyListsController implements KeyLists {
  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
  ) {}

  @GrpcMethod('Keys')
  @CallableBy('gateway')
  async countKeys({
    organizationId,
    accountIds,
    projectIds,
  }: keyManagement.CountKeysRequest): Promise<keyManagement.CountKeysResponse> {
    const count = (of: 'account_id' | 'project_id', ids: readonly string[]) =>
      activeKeysOf(this.pool, organizationId, of, ids, this.clock.now());
    const [ofAccounts, ofProjects] = await Promise.all([
      count('account_id', accountIds),
      count('project_id', projectIds),
    ]);
    return { ofAccounts, ofProjects };
  }

  @GrpcMethod('Keys')
  @CallableBy('gateway')
  async nameKeys({ organizationId, keyIds }: keyManagement.NameKeysRequest): Promise<keyManagement.NameKeysResponse> {
    return { keys: await keyNames(this.pool, organizationId, keyIds) };
  }
}
