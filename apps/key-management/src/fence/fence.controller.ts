import type { keyManagement } from '#contracts';
import { answerAll, CallableBy, type Controller, Problem, type RpcStream } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import type { Observable } from 'rxjs';
import { requireProtocol } from './fence.ts';
import { FenceBell } from './fence-bell.ts';
import { FollowerSignals } from './follower-signals.ts';
import { withdrawalsAfter } from './fence.query.ts';

const LOOK_EVERY_MS = 1_000;

/** Leases for gateways, and the withdrawals they live by. */
@NestController()
export class FenceController implements Omit<Controller<keyManagement.Fence>, 'follow'> {
  constructor(private readonly pool: Pool, private readonly signals: FollowerSignals, private readonly bell: FenceBell) {}

  @GrpcMethod('Fence') @CallableBy('gateway')
  async register({ protocol }: keyManagement.RegisterRequest): Promise<keyManagement.RegisterResponse> {
    requireProtocol(protocol);
    const { epoch, seq } = await this.standing();
    return { epoch, seq };
  }

  /**
   * What the gateway has applied goes up, never down, and is committed; only then the seq is read that the lease depends on.
   * No number is written here that the gateway did not send.
   */
  @GrpcMethod('Fence') @CallableBy('gateway')
  async renew({ protocol, instance, epoch, applied, registering }: keyManagement.RenewRequest): Promise<keyManagement.RenewResponse> {
    requireProtocol(protocol);
    this.signals.tell(instance, epoch, applied);
    const { rowCount } = await this.pool.query(registering
      ? `INSERT INTO followers (instance, epoch, applied, renewals) SELECT $1, $2, $3, 1 FROM log_meta WHERE epoch = $2
           ON CONFLICT (instance) DO UPDATE SET epoch = excluded.epoch, renewals = followers.renewals + 1,
             applied = CASE WHEN followers.epoch = excluded.epoch THEN greatest(followers.applied, excluded.applied) ELSE excluded.applied END`
      : `UPDATE followers SET applied = greatest(applied, $3), renewals = renewals + 1
          WHERE instance = $1 AND epoch = $2 AND EXISTS (SELECT FROM log_meta m WHERE m.epoch = $2)`, [instance, epoch, applied]);
    const standing = await this.standing();
    // Ahead of the log: it was rolled back under us, and nothing that the gateway knows holds.
    if (rowCount !== 1 || standing.epoch !== epoch || applied > standing.seq) return { outcome: 'unknown', upTo: 0, leaseMs: 0, withdrawals: [] };
    this.bell.applied();
    if (standing.lease_ms === 0) return { outcome: 'off', upTo: standing.seq, leaseMs: 0, withdrawals: [] };
    const withdrawals = applied < standing.seq ? await withdrawalsAfter(this.pool, epoch, applied, standing.seq) : [];
    return withdrawals === 'forgotten' ? { outcome: 'unknown', upTo: 0, leaseMs: 0, withdrawals: [] } : { outcome: 'granted', upTo: standing.seq, leaseMs: standing.lease_ms, withdrawals };
  }

  @GrpcMethod('Fence') @CallableBy('gateway')
  follow({ protocol, epoch, after }: keyManagement.FollowRequest, _metadata: Metadata, call: RpcStream): Observable<keyManagement.Withdrawals> {
    requireProtocol(protocol);
    return answerAll(call, this.withdrawals(epoch, after, () => call.cancelled || call.destroyed));
  }

  @GrpcMethod('Fence') @CallableBy('gateway')
  async leave({ instance }: keyManagement.LeaveRequest): Promise<keyManagement.LeaveResponse> {
    await this.pool.query('DELETE FROM followers WHERE instance = $1', [instance]);
    this.signals.forget(instance);
    this.bell.applied();
    return {};
  }

  private async *withdrawals(epoch: number, after: number, gone: () => boolean): AsyncGenerator<keyManagement.Withdrawals> {
    for (let last = after; !gone();) {
      const rings = this.bell.moves;
      const found = await withdrawalsAfter(this.pool, epoch, last);
      if (found === 'forgotten') throw new Problem('request/invalid', 'What came after that is no longer kept, or the log is another one: register anew.');
      for (const batch of found) {
        yield batch;
        last = batch.seq;
      }
      if (found.length === 0) await this.bell.moved(LOOK_EVERY_MS, rings);
    }
  }

  private async standing(): Promise<{ epoch: number; seq: number; lease_ms: number }> {
    const { rows } = await this.pool.query<{ epoch: number; seq: number; lease_ms: number }>({ name: 'fence-seq', text: 'SELECT m.epoch, f.seq, f.lease_ms FROM fence f, log_meta m', values: [] });
    if (!rows[0]) throw new Error('the fence has no row: run the migrations');
    return rows[0];
  }
}

