import type { Pool } from 'pg';
import type { Tx } from '../decision/event-store.ts';
import { inTransaction } from './transaction.ts';

/** How a log is reopened. */
export interface Reopening {
  /** The newest epoch that anybody has heard of: the other copy may have gone on with the next one. */
  readonly beyond?: number;
  /** What was known and accepted, for the record. */
  readonly evidence?: object;
}

/**
 * Goes on with a restored or promoted copy of a log: its epoch is raised, so that all that was written before sorts before all that comes, in
 * spite of this server's transaction ids and sequences. Run by the owner of the database, who must be sure that no process
 * writes to the other copy any more, and who accepts what the copy lacks.
 */
export function reopenLog(owner: Pool, reopening: Reopening = {}): Promise<{ epoch: number }> {
  return inTransaction(owner, 'BEGIN', (tx) => reopenIn(tx, reopening));
}

/** The same within a transaction of the owner's: what it appends behind this is in the new epoch, and nobody sees the log open without it. */
export async function reopenIn(tx: Tx, { beyond = 0, evidence = {} }: Reopening = {}): Promise<{ epoch: number }> {
  await tx.query(
    `SELECT setval(pg_get_serial_sequence('events', 'pos'), greatest(nextval(pg_get_serial_sequence('events', 'pos')), (SELECT max(pos) FROM events)))`,
  );
  const { rows } = await tx.query<{ epoch: number }>(
    `UPDATE log_meta AS m SET epoch = greatest(m.epoch, $1) + 1, reopened = greatest(m.epoch, $1) + 1, incarnation = gen_random_uuid(), proved = s.stamp, older = NULL,
            system_identifier = split_part(s.stamp, ' ', 1)::bigint, timeline = ('x' || split_part(s.stamp, ' ', 2))::bit(32)::integer
       FROM (SELECT log_stamp() AS stamp) AS s WHERE s.stamp IS NOT NULL RETURNING m.epoch`,
    [beyond],
  );
  const row = rows[0];
  if (!row)
    throw new Error('log_meta is empty, or this is a standby: this is no log, or its dump was not restored whole');
  await tx.query(
    'INSERT INTO log_moves (incarnation, epoch, stamp, evidence) SELECT incarnation, epoch, proved, $1::jsonb FROM log_meta',
    [JSON.stringify({ ...evidence, because: 'an operator has reopened it' })],
  );
  await tx.query('DELETE FROM log_writers');
  await tx.query('DELETE FROM log_copy');
  return { epoch: row.epoch };
}
