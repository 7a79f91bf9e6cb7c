import { barrier } from '#event-sourcing';
import { errorFields, LOGGER, type Logger, Problem, Time } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { FenceSignals } from './fence-signals.ts';

interface GatewayLease {
  instance: string;
  epoch: number;
  applied: number;
  renewal: number;
  lease_ms: number;
}

interface Holders {
  epoch: number;
  settled_epoch: number;
  seq: number;
  lease_ms: number;
  followers: GatewayLease[];
}

/** How far two clocks that are not set may drift apart, generously. */
const DRIFT = 1.02;
const MARGIN_MIN_MS = 50;
const LOOK_EVERY_MS = 100;
/** Also where no leases are granted: for so long an isolated server of before may still be read (`PrimaryCheck`). */
const READ_MS = 2_000;

/** How long after it was asked for a lease has certainly ended, by any clock: waitAllowsForDrift. */
export const outlived = (leaseMs: number): number => leaseMs * DRIFT + Math.max(MARGIN_MIN_MS, leaseMs / 1_000);

/**
 * Makes withdrawals final: after its commit a withdrawal waits here until every gateway that may hold a verdict has applied it, or
 * has certainly lost its lease. Trusts no wall clock, and no instant in any row.
 */
@Injectable()
export class Fence {
  /** When this process saw an epoch first: leases of the one before may still be held. */
  private readonly seen = new Map<number, number>();

  constructor(
    private readonly sql: Pool,
    private readonly bell: FenceSignals,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly time: Time,
  ) {}

  /**
   * Returns when all that is committed now holds at every gateway. The caller has committed, or found that an earlier commit did
   * its work: the seq is read here, in a statement of its own, so a retry waits as the first call did.
   * @throws Problem `key/not-enforced` where that cannot be known: what was committed stands, and a retry waits again.
   */
  async settled(): Promise<void> {
    try {
      this.bell.withdrew();
      // waitsOnOwnClock: the monotonic clock cannot be set, and no row holds an instant.
      const from = this.time.monotonic();
      // repeatedOneIsConfirmed: what made it so may be visible before every standby has it.
      const confirmed = barrier(this.sql);
      confirmed.catch(() => undefined);
      const holders = await this.holders();
      await this.settleEpoch(holders, from);
      const behind = holders.followers.filter((follower) => isBehind(follower, holders));
      if (behind.length > 0) {
        this.bell.notifyWithdrawn();
        await this.giveUp(await this.wait(behind, holders, from));
      }
      await confirmed;
    } catch (error) {
      this.logger.error(errorFields(error), 'it could not be confirmed that a withdrawal holds at every gateway');
      throw new Problem(
        'key/not-enforced',
        'It was decided and stands, but it could not be confirmed that every gateway knows. Send the same request again: it waits until that is so.',
        { retryAfterSeconds: 1 },
      );
    }
  }

  /** Waits, and answers the gateways that stayed silent for as long as a lease may last. */
  private async wait(
    behind: readonly GatewayLease[],
    { epoch, seq, lease_ms }: Holders,
    from: number,
  ): Promise<readonly GatewayLease[]> {
    // A lease that was shortened since may have been granted at its old length.
    const until = from + outlived(Math.max(lease_ms, ...behind.map((follower) => follower.lease_ms)));
    const unsaid = (some: readonly GatewayLease[]) =>
      some.filter(({ instance }) => !this.bell.hasAcknowledged(instance, epoch, seq));
    let [waiting, heard] = [unsaid(behind), this.bell.acknowledgements];
    for (
      let left = until - this.time.monotonic();
      waiting.length > 0 && left > 0;
      left = until - this.time.monotonic()
    ) {
      await this.bell.untilAcknowledged(Math.min(left, LOOK_EVERY_MS), heard);
      heard = this.bell.acknowledgements;
      waiting = unsaid(waiting);
      // An acknowledgement to another replica stands in the table, and so does one that has applied more than this.
      if (waiting.length > 0) waiting = await this.still(waiting, epoch, seq);
    }
    return waiting;
  }

  /** deletesOnlyAsRead: a gateway that renewed since is alive, and was granted nothing without having applied this. */
  private async giveUp(silent: readonly GatewayLease[]): Promise<void> {
    for (const { instance, renewal } of silent) {
      const { rowCount } = await this.sql.query('DELETE FROM followers WHERE instance = $1 AND renewal = $2', [
        instance,
        renewal,
      ]);
      if (rowCount === 1) this.bell.forget(instance);
      if (rowCount === 1)
        this.logger.warn({ instance }, 'a gateway was silent for longer than its lease; nobody waits for it any more');
    }
  }

  /** In one snapshot, taken after the caller's commit. */
  private async holders(): Promise<Holders> {
    const { rows } = await this.sql.query<Holders>({
      name: 'fence-holders',
      values: [],
      text: `SELECT m.epoch, f.settled_epoch, f.seq::float8 AS seq, f.lease_ms,
                    coalesce((SELECT json_agg(to_json(followers)) FROM followers), '[]') AS followers
               FROM fence f, log_meta m WHERE log_whole(m.proved, m.older)`,
    });
    if (!rows[0]) throw new Error('the fence has no row: run the migrations');
    return rows[0];
  }

  /** Of these, who is still there and still behind. */
  private async still(waiting: readonly GatewayLease[], epoch: number, seq: number): Promise<GatewayLease[]> {
    const { rows } = await this.sql.query<{ instance: string }>(
      'SELECT instance FROM followers WHERE instance = ANY($1) AND NOT (epoch = $2 AND applied BETWEEN $3 AND (SELECT seq FROM fence))',
      [waiting.map(({ instance }) => instance), epoch, seq],
    );
    return waiting.filter(({ instance }) => rows.some((row) => row.instance === instance));
  }

  /** A restored log comes with an old table of followers: a gateway that is missing in it may hold a lease until the lease ends by itself. */
  private async settleEpoch({ epoch, settled_epoch, lease_ms, followers }: Holders, now: number): Promise<void> {
    // newEpochWaits: once, and then it stands in the table for all.
    if (settled_epoch >= epoch) return;
    const first = this.seen.get(epoch) ?? now;
    this.seen.set(epoch, first);
    const longest = Math.max(lease_ms, ...followers.map((follower) => follower.lease_ms), READ_MS);
    const left = first + outlived(longest) - this.time.monotonic();
    if (left > 0) await this.time.pause(left);
    await this.sql.query('UPDATE fence SET settled_epoch = $1 WHERE settled_epoch < $1', [epoch]);
  }
}

/** No gateway can have applied more than there is: a row that says so was not written by a gateway. */
const isBehind = (follower: GatewayLease, { epoch, seq }: Holders) =>
  follower.epoch !== epoch || follower.applied !== seq;
