import { reaches } from '#bus';
import type { identity } from '#contracts';
import { CallableBy, type Controller, ForeignStreams, Problem } from '#platform';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';

export type Demanding = Pick<Controller<identity.Accounts>, 'getStanding' | 'confirmDemands'>;

/** What organization asks about the accounts that it asks something of. */
@NestController()
export class DemandsController implements Demanding {
  constructor(
    private readonly pool: Pool,
    private readonly foreign: ForeignStreams,
  ) {}

  @GrpcMethod('Accounts')
  @CallableBy('organization')
  async getStanding({ accountId }: identity.GetStandingRequest): Promise<identity.Standing> {
    const { rows } = await this.pool.query<{ multi_factor: boolean; status: string; passkey: boolean }>(
      // A passkey has its row from when it is added until it is removed; an authenticator's has a step.
      'SELECT multi_factor, status, EXISTS (SELECT FROM factor_uses u WHERE u.account_id = a.account_id AND step = 0) AS passkey FROM accounts a WHERE account_id = $1',
      [accountId],
    );
    if (!rows[0]) throw new Problem('account/unknown', 'No account has this id.');
    const { multi_factor: multiFactor, status, passkey } = rows[0];
    return { multiFactor, status, passkey };
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
