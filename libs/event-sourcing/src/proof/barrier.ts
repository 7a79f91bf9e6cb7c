import type { Sql } from '../decision/event-store.ts';

/**
 * Waits until all that was read before is where it must be to survive: a commit whose wait for a standby was cut off is visible and may yet be lost, and nothing
 * says so. A write behind the reading is confirmed only after it. Where no standby is waited for nothing is visible that is not on the disk, and nothing is written.
 */
export async function barrier(sql: Sql): Promise<void> {
  await sql.query({
    name: 'barrier',
    text: `SELECT CASE WHEN current_setting('synchronous_standby_names') <> '' THEN pg_logical_emit_message(true, 'rollcall', '') END`,
    values: [],
  });
}
