import { reaches } from '#bus';
import type { keyManagement, Topic } from '#contracts';
import { LogProof } from '#event-sourcing';
import { CallableBy, Clock, type Controller, ForeignStreams, Problem, WhateverTheLog } from '#platform';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { Fence } from '../fence/fence.ts';
import { Floors } from '../fence/floors.ts';
import { standing } from '../fence/fence.query.ts';
import { PrimaryCheck } from './primary-check.ts';
import { verdicts } from './key-gate.query.ts';
import { recordUses } from './key-uses.ts';

const TOPIC_OF: Readonly<Record<string, Topic>> = {
  organization: 'organization.organizations',
  account: 'identity.accounts',
};

@NestController()
export class GateController implements Controller<keyManagement.Gate> {
  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly foreign: ForeignStreams,
    private readonly fence: Fence,
    private readonly primary: PrimaryCheck,
    private readonly floors: Floors,
    private readonly log: LogProof,
  ) {}

  @GrpcMethod('Gate')
  @CallableBy('gateway')
  @WhateverTheLog()
  async verifyKeys({ digests, floor }: keyManagement.VerifyKeysRequest): Promise<keyManagement.VerifyKeysResponse> {
    await this.floors.admit(floor);
    // stampedBeforeReading: first where the withdrawals stand, then everything else; the stamp never claims more than was seen.
    const now = await standing(this.pool);
    await this.floors.compare(floor, now);
    const found = await verdicts(this.pool, digests, this.clock.now());
    // answersOnlyIfItCanWrite: an old primary can still be read.
    await this.primary.require();
    this.log.assert();
    return { verdicts: found, epoch: now.epoch, seq: now.seq };
  }

  @GrpcMethod('Gate')
  @CallableBy('gateway')
  async recordUse({ uses }: keyManagement.RecordUseRequest): Promise<keyManagement.RecordUseResponse> {
    await recordUses(this.pool, uses);
    return {};
  }

  /** The fact may still be on its way: then its owner is asked, so a broken bus delays nothing. */
  @GrpcMethod('Gate')
  @CallableBy('organization', 'identity')
  async confirmWithdrawal({
    streamId,
    version,
    epoch,
  }: keyManagement.ConfirmWithdrawalRequest): Promise<keyManagement.ConfirmWithdrawalResponse> {
    const topic = TOPIC_OF[streamId.slice(0, streamId.indexOf('-'))];
    if (!topic) throw new Problem('request/invalid', 'Keys depend on organizations and accounts alone.');
    const holds =
      (await this.foreign.holds(streamId, { epoch, version })) ||
      reaches(await this.foreign.catchUp(topic, streamId), { epoch, version });
    if (holds) await this.fence.settled();
    return { confirmed: holds };
  }
}
