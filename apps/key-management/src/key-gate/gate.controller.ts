import type { keyManagement, Topic } from '#contracts';
import { CallableBy, Clock, type Controller, ForeignStreams, Problem } from '#platform';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { verdicts } from './key-gate.query.ts';
import { recordUses } from './key-uses.ts';

const TOPIC_OF: Readonly<Record<string, Topic>> = { organization: 'organization.organizations', account: 'identity.accounts' };

@NestController()
export class GateController implements Controller<keyManagement.Gate> {
  constructor(private readonly pool: Pool, private readonly clock: Clock, private readonly foreign: ForeignStreams) {}

  @GrpcMethod('Gate') @CallableBy('gateway')
  async verifyKeys({ digests }: keyManagement.VerifyKeysRequest): Promise<keyManagement.VerifyKeysResponse> {
    return { verdicts: await verdicts(this.pool, digests, this.clock.now()) };
  }

  @GrpcMethod('Gate') @CallableBy('gateway')
  async recordUse({ uses }: keyManagement.RecordUseRequest): Promise<keyManagement.RecordUseResponse> {
    await recordUses(this.pool, uses);
    return {};
  }

  /** The fact may still be on its way: then its owner is asked, so a broken bus delays nothing. */
  @GrpcMethod('Gate') @CallableBy('organization', 'identity')
  async confirmWithdrawal({ streamId, version }: keyManagement.ConfirmWithdrawalRequest): Promise<keyManagement.ConfirmWithdrawalResponse> {
    if (await this.foreign.holds(streamId, version)) return { confirmed: true };
    const topic = TOPIC_OF[streamId.slice(0, streamId.indexOf('-'))];
    if (!topic) throw new Problem('request/invalid', 'Keys depend on organizations and accounts alone.');
    return { confirmed: (await this.foreign.catchUp(topic, streamId)) >= version };
  }
}
