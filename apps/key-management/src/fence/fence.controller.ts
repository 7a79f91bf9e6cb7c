import type { keyManagement } from '#contracts';
import { LogProof } from '#event-sourcing';
import {
  answerAll,
  CallableBy,
  type Controller,
  LOGGER,
  type Logger,
  Problem,
  type RpcStream,
  SERVICE_CONFIG,
  WhateverTheLog,
} from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Inject, Controller as NestController, type OnApplicationBootstrap } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import type { Observable } from 'rxjs';
import type { KeyManagementConfig } from '../config.ts';
import { FenceSignals } from './fence-signals.ts';
import { Floors } from './floors.ts';
import { recall } from './recalled.ts';
import { acknowledge, standing, withdrawalsAfter } from './fence.query.ts';

/** The protocol between gateways and key-management; a gateway of another one gets no lease and asks for each request. */
export const FENCE_PROTOCOL = 1;
const RECALLED_MAX = 1_000;
const LOOK_EVERY_MS = 1_000;
const UNKNOWN: keyManagement.RenewResponse = { outcome: 'unknown', upTo: 0, leaseMs: 0, withdrawals: [] };

/** Leases for gateways, and the withdrawals they live by. */
@NestController()
export class FenceController implements Omit<Controller<keyManagement.Fence>, 'follow'>, OnApplicationBootstrap {
  constructor(
    private readonly pool: Pool,
    private readonly bell: FenceSignals,
    private readonly floors: Floors,
    private readonly log: LogProof,
    @Inject(SERVICE_CONFIG) private readonly config: KeyManagementConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** How long a lease lasts stands in the database: all replicas grant and wait by the same. */
  async onApplicationBootstrap(): Promise<void> {
    await this.pool.query('UPDATE fence SET lease_ms = $1 WHERE lease_ms <> $1', [this.config.lease * 1_000]);
  }

  @GrpcMethod('Fence')
  @CallableBy('gateway')
  @WhateverTheLog()
  async register({ protocol, floor }: keyManagement.RegisterRequest): Promise<keyManagement.RegisterResponse> {
    requireProtocol(protocol);
    await this.floors.admit(floor);
    if (floor) await this.floors.hear(floor);
    const { epoch, seq, leaseMs, incarnation } = await standing(this.pool);
    this.log.assert();
    return { epoch, seq, leaseMs, incarnation };
  }

  /**
   * What the gateway has applied goes up, never down, and is committed; only then the seq is read that the lease depends on.
   * No number is written here that the gateway did not send.
   */
  @GrpcMethod('Fence')
  @CallableBy('gateway')
  @WhateverTheLog()
  async renew({
    protocol,
    instance,
    epoch,
    applied,
    registering,
    floor,
  }: keyManagement.RenewRequest): Promise<keyManagement.RenewResponse> {
    requireProtocol(protocol);
    await this.floors.admit(floor);
    // Before anything is read or written: a waiting revocation compares it with what it has read itself.
    this.bell.acknowledge({ instance, epoch, applied });
    const leaseMs = await acknowledge(this.pool, { instance, epoch, applied }, registering);
    if (leaseMs === undefined) return UNKNOWN;
    this.bell.notifyAcknowledged();
    const now = await standing(this.pool);
    await this.floors.compare(floor, now);
    if (now.epoch !== epoch) return UNKNOWN;
    if (applied > now.seq) {
      this.logger.error(
        { instance, applied, seq: now.seq },
        'a gateway has applied withdrawals that are not in the log: it was rolled back without `rollcall log restored`',
      );
      return UNKNOWN;
    }
    this.log.assert();
    const withdrawals = applied < now.seq ? await withdrawalsAfter(this.pool, epoch, applied, now.seq) : [];
    if (withdrawals === 'forgotten') return UNKNOWN;
    return { outcome: 'granted', upTo: now.seq, leaseMs: Math.min(leaseMs, now.leaseMs), withdrawals };
  }

  @GrpcMethod('Fence')
  @CallableBy('gateway')
  follow(
    { protocol, epoch, after }: keyManagement.FollowRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<keyManagement.Withdrawals> {
    requireProtocol(protocol);
    return answerAll(
      call,
      this.withdrawals(epoch, after, () => call.cancelled || call.destroyed),
    );
  }

  @GrpcMethod('Fence')
  @CallableBy('gateway')
  async leave({ instance }: keyManagement.LeaveRequest): Promise<keyManagement.LeaveResponse> {
    await this.pool.query('DELETE FROM followers WHERE instance = $1', [instance]);
    this.bell.forget(instance);
    this.bell.notifyAcknowledged();
    return {};
  }

  @GrpcMethod('Fence')
  @CallableBy('gateway')
  @WhateverTheLog()
  async recall({ floor, withdrawn }: keyManagement.RecallRequest): Promise<keyManagement.RecallResponse> {
    if (!floor || withdrawn.length > RECALLED_MAX)
      throw new Problem(
        'request/invalid',
        `Say how far you had followed, and at most ${RECALLED_MAX} subjects at once.`,
      );
    await this.floors.hear(floor);
    await recall(this.pool, floor, withdrawn);
    return {};
  }

  /** What is committed after a seq, as it comes, until the reader is gone. @throws Problem `request/invalid` when some of it is no longer kept. */
  async *withdrawals(epoch: number, after: number, gone: () => boolean): AsyncGenerator<keyManagement.Withdrawals> {
    for (let last = after; !gone();) {
      const rings = this.bell.withdrawals;
      const found = await withdrawalsAfter(this.pool, epoch, last);
      if (found === 'forgotten')
        throw new Problem(
          'request/invalid',
          'What came after that is no longer kept, or the log is another one: register anew.',
        );
      for (const batch of found) {
        yield batch;
        last = batch.seq;
      }
      if (found.length === 0) await this.bell.untilWithdrawn(LOOK_EVERY_MS, rings);
    }
  }
}

function requireProtocol(protocol: number): void {
  if (protocol === FENCE_PROTOCOL) return;
  throw new Problem(
    'request/invalid',
    `This key-management speaks version ${FENCE_PROTOCOL} of the fence, the gateway version ${protocol}: bring both to the same release. Until then the gateway asks for each request.`,
  );
}
