import type { keyManagement } from '#contracts';
import { LogProof } from '#event-sourcing';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import type { FenceHead } from './fence.query.ts';

/** Warm gateways renew every second: by then each of them has said how far it had come. */
const GATEWAYS_MS = 2_000;
const AHEAD =
  'a gateway has followed withdrawals that this log does not have: the database is an older copy, or a copy beside another one that went on';

/**
 * What gateways know of the log, which is newer than any copy of it: with each call they say how far they have followed the withdrawals.
 * A log that does not reach that judges nobody until it is reopened.
 */
@Injectable()
export class Floors {
  private askedAt: number | undefined;

  constructor(
    private readonly pool: Pool,
    private readonly log: LogProof,
  ) {
    log.ask(() => this.pending());
  }

  /** Of a call whose answer needs a log that is whole. A log that is being looked at hears first what the gateway knows. @throws UnknownLog, OlderLog */
  async admit(floor: keyManagement.Floor | undefined | null): Promise<void> {
    if (floor && this.log.fault) await this.hear(floor);
    await this.log.require();
  }

  /** Compares with where the withdrawals were just read to stand. @throws OlderLog */
  async compare(
    floor: keyManagement.Floor | undefined | null,
    { incarnation, seq, reopened }: FenceHead,
  ): Promise<void> {
    if (!floor || floor.epoch < reopened || (floor.incarnation === incarnation && floor.seq <= seq)) return;
    await this.hear(floor);
    this.log.assert();
  }

  /** Looks for a floor in the log, and denies a log that does not reach it. */
  async hear({ incarnation, epoch, seq, mark }: keyManagement.Floor): Promise<void> {
    const { rows } = await this.pool.query<{
      known: boolean;
      present: boolean;
      seq: number;
      reopened: number;
      mark: string | null;
    }>({
      name: 'floor',
      text: `SELECT EXISTS (SELECT FROM log_moves WHERE incarnation::text = $1) AS known, m.incarnation::text = $1 AS present, f.seq, m.reopened,
                    (SELECT min(w.mark::text) FROM withdrawals w WHERE w.epoch = $2 AND w.seq = $3) AS mark
               FROM fence f, log_meta m`,
      values: [incarnation, epoch, seq],
    });
    const [here] = rows;
    // What came before a reopening is accepted as lost.
    if (!here || epoch < here.reopened) return;
    const reached =
      here.known &&
      !(here.present && seq > Number(here.seq)) &&
      (mark === '' || here.mark === null || here.mark === mark);
    if (reached) return;
    await this.pool.query(
      `INSERT INTO floors AS f (incarnation, epoch, seq) VALUES ($1, $2, $3)
       ON CONFLICT (incarnation) DO UPDATE SET epoch = greatest(f.epoch, excluded.epoch), seq = greatest(f.seq, excluded.seq), heard_at = clock_timestamp()`,
      [incarnation, epoch, seq],
    );
    await this.log.deny(AHEAD);
  }

  /** Whether gateways that held a lease may still say more. */
  private async pending(): Promise<boolean> {
    this.askedAt ??= performance.now();
    if (performance.now() - this.askedAt >= GATEWAYS_MS) return false;
    const { rowCount } = await this.pool.query('SELECT FROM followers LIMIT 1');
    return rowCount !== 0;
  }
}
