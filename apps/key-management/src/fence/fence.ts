import { Problem } from '#platform';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { FenceBell } from './fence-bell.ts';
import { FollowerSignals } from './follower-signals.ts';

interface Follower {
  instance: string;
  epoch: number;
  applied: number;
  renewals: number;
}

interface Standing {
  epoch: number;
  settled_epoch: number;
  seq: number;
  lease_ms: number;
  followers: Follower[];
}

/** How far two clocks that are not set may drift apart, generously. */
const DRIFT = 1.02;
const MARGIN_MIN_MS = 50;
const LOOK_EVERY_MS = 100;

/** How long after it was granted a lease has certainly ended, by any clock. */
export const outlived = (leaseMs: number): number => leaseMs * DRIFT + Math.max(MARGIN_MIN_MS, leaseMs / 1_000);

/**
 * Makes withdrawals final: whoever has committed one waits here until every gateway that may hold a verdict has applied it, or
 * has certainly lost its lease. Trusts no wall clock, and no instant in any row.
 */
@Injectable()
export class Fence {
  /** When this process saw the epoch first: leases of the one before may still be held. */
  private readonly seen = new Map<number, number>();

  constructor(private readonly sql: Pool, private readonly signals: FollowerSignals, private readonly bell: FenceBell) {}

  /**
   * Returns when all that is committed now holds at every gateway. Whoever calls has its own commit behind it, or finds that
   * somebody else's did it: the seq is read here, in a statement of its own, so a retry waits as the first one did.
   */
  async settled(): Promise<void> {
    const from = performance.now();
    const standing = await this.standing();
    if (standing.followers.length > 0) this.bell.ring();
    await this.settleEpoch(standing, from);
    const wait = outlived(standing.lease_ms);
    let waiting = standing.followers.filter((follower) => behind(follower, standing));
    for (let left = wait; waiting.length > 0 && left > 0; left = from + wait - performance.now()) {
      const heard = this.signals.heard;
      waiting = waiting.filter(({ instance }) => this.signals.applied(instance, standing.epoch) < standing.seq);
      if (waiting.length === 0) return;
      if (await this.signals.wait(Math.min(left, LOOK_EVERY_MS), heard)) continue;
      waiting = await this.still(waiting, standing);
    }
    for (const { instance, renewals } of waiting) await this.sql.query('DELETE FROM followers WHERE instance = $1 AND renewals = $2', [instance, renewals]);
  }

  /** In one snapshot, taken after whatever the caller has committed. */
  private async standing(): Promise<Standing> {
    const { rows } = await this.sql.query<Standing>({
      name: 'fence-standing', values: [],
      text: `SELECT m.epoch, f.settled_epoch, f.seq, f.lease_ms,
                    coalesce((SELECT json_agg(json_build_object('instance', instance, 'epoch', epoch, 'applied', applied, 'renewals', renewals)) FROM followers), '[]') AS followers
               FROM fence f, log_meta m`,
    });
    if (!rows[0]) throw new Error('the fence has no row: run the migrations');
    return rows[0];
  }

  /** Of these, who is still there and still behind. */
  private async still(waiting: readonly Follower[], { epoch, seq }: Standing): Promise<Follower[]> {
    const { rows } = await this.sql.query<{ instance: string }>(
      'SELECT instance FROM followers WHERE instance = ANY($1) AND NOT (epoch = $2 AND applied >= $3)', [waiting.map(({ instance }) => instance), epoch, seq]);
    return waiting.filter(({ instance }) => rows.some((row) => row.instance === instance));
  }

  /** After a log was restored the table of followers is an old one: somebody who is not in it may hold a lease until it ends by itself. */
  private async settleEpoch({ epoch, settled_epoch, lease_ms }: Standing, now: number): Promise<void> {
    if (settled_epoch >= epoch) return;
    const first = this.seen.get(epoch) ?? now;
    this.seen.set(epoch, first);
    const left = first + outlived(lease_ms) - performance.now();
    if (left > 0) await new Promise((later) => setTimeout(later, left));
    await this.sql.query('UPDATE fence SET settled_epoch = $1 WHERE settled_epoch < $1', [epoch]);
  }
}

const behind = (follower: Follower, { epoch, seq }: Standing) => follower.epoch !== epoch || follower.applied < seq;

/** The protocol between gateways and key-management; a gateway of another one gets no lease and asks for each request. */
export const FENCE_PROTOCOL = 1;

export function requireProtocol(protocol: number): void {
  if (protocol === FENCE_PROTOCOL) return;
  throw new Problem('request/invalid', `This key-management speaks version ${FENCE_PROTOCOL} of the fence, the gateway version ${protocol}: bring both to the same release. Until then the gateway asks for each request.`);
}
