import { reaches } from '#bus';
import type { identity } from '#contracts';
import { PostgresEventStore } from '#event-sourcing';
import { CallableBy, type Controller, ForeignStreams, Problem } from '#platform';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { findHolder } from '../account/profiles.query.ts';

export type Demanding = Pick<Controller<identity.Accounts>, 'getStanding' | 'confirmDemands'>;

/** What organization asks about the accounts that it asks something of. */
@NestController()
export class DemandsController implements Demanding {
  constructor(
    private readonly pool: Pool,
    private readonly store: PostgresEventStore,
    private readonly foreign: ForeignStreams,
  ) {}

  @GrpcMethod('Accounts')
  @CallableBy('organization')
  async getStanding({ accountId }: identity.GetStandingRequest): Promise<identity.Standing> {
    const { rows } = await this.pool.query<{ multi_factor: boolean; status: string }>(
      'SELECT multi_factor, status FROM accounts WHERE account_id = $1',
      [accountId],
    );
    if (!rows[0]) throw new Problem('account/unknown', 'No account has this id.');
    const passkey = (await findHolder(this.store, accountId))?.factors.some(({ kind }) => kind === 'passkey') ?? false;
    return { multiFactor: rows[0].multi_factor, status: rows[0].status, passkey };
  }

  @GrpcMethod('Accounts')
  @CallableBy('organization')
  async confirmDemands({
    streamId,
    version,
    epoch,
  }: identity.ConfirmDemandsRequest): Promise<identity.ConfirmDemandsResponse> {
    if (!streamId.startsWith('organization-'))
      throw new Problem('request/invalid', 'Organizations alone ask anything.');
    const mark = { epoch, version };
    return {
      confirmed:
        (await this.foreign.holds(streamId, mark)) ||
        reaches(await this.foreign.catchUp('organization.organizations', streamId), mark),
    };
  }
}
