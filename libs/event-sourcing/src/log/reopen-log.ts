import type { Pool } from 'pg';
import { inTransaction } from './transaction.ts';
import { WAL_TIMELINE } from './log-health.ts';

/**
 * Makes a restored or promoted copy of a log one that may be written to: its epoch is raised, so that all that was written
 * before sorts before all that comes, in spite of this server's transaction ids and sequences. Run by the owner of the
 * database, who must be sure that no process writes to the other copy any more. Answers the new epoch.
 */
export async function reopenLog(owner: Pool): Promise<{ epoch: number }> {
  return inTransaction(owner, 'BEGIN', async (tx) => {
    await tx.query(
      `SELECT setval(pg_get_serial_sequence('events', 'pos'), greatest(nextval(pg_get_serial_sequence('events', 'pos')), (SELECT max(pos) FROM events)))`,
    );
    const { rows } = await tx.query<{ epoch: number }>(
      `UPDATE log_meta SET epoch = epoch + 1, system_identifier = s.system_identifier, timeline = w.timeline
         FROM pg_control_system() AS s, (${WAL_TIMELINE}) AS w RETURNING epoch`,
    );
    const row = rows[0];
    if (!row) throw new Error('log_meta is empty: this is no log, or its dump was not restored whole');
    return { epoch: row.epoch };
  });
}
