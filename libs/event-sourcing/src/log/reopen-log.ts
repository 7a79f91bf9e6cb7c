import type { Pool } from 'pg';
import { inTransaction } from './transaction.ts';

/**
 * Goes on with a restored or promoted copy of a log: its epoch is raised, so that all that was written before sorts before all that comes, in
 * spite of this server's transaction ids and sequences. Run by the owner of the database, who must be sure that no process
 * writes to the other copy any more, and who accepts what the copy lacks.
 * @param beyond the newest epoch that anybody has heard of: the other copy may have gone on with the next one
 * @param evidence what was known and accepted, for the record
 */
export async function reopenLog(
  owner: Pool,
  { beyond = 0, evidence = {} }: { beyond?: number; evidence?: object } = {},
): Promise<{ epoch: number }> {
  return inTransaction(owner, 'BEGIN', async (tx) => {
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
  });
}
