import { type EventStore, handle, isAboutConnection, type Sql, sqlState } from '#event-sourcing';
import { v7 as uuid } from 'uuid';
import { key, type Reminder, REMINDERS } from './key.decider.ts';

/** A key of which a reminder has come up. */
interface DueReminder {
  readonly keyId: string;
  readonly days: Reminder;
  readonly projectName: string;
}

/** A key that is committed late was not there when it was looked for. */
const OVERLAP = '1 hour';
const BATCH_MAX = 100;
const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * Keys of which a reminder has come up since it was last looked, by an instant: of two the one that says how little is left. None comes
 * up of a key that was made within its days, nor of one that does not work now: whoever is shut out is told no name of what they cannot see. In the order of their ids, after one.
 */
async function dueReminders(sql: Sql, at: Date, after: string): Promise<DueReminder[]> {
  const { rows } = await sql.query<DueReminder>({
    name: 'due-reminders',
    text: `SELECT k.key_id AS "keyId", min(r.days) AS days, p.name AS "projectName"
             FROM reminders, key_directory k JOIN projects p USING (project_id) JOIN project_members m USING (project_id, account_id)
             JOIN members o ON o.organization_id = k.organization_id AND o.account_id = k.account_id, unnest($2::int[]) AS r (days), LATERAL (SELECT k.works_until - r.days * interval '1 day' AS at) AS due
            WHERE k.revoked_at IS NULL AND k.works_until > $1 AND k.works_until <= $1::timestamptz + $3::int * interval '1 day' AND k.key_id > $5
              AND due.at <= $1 AND due.at > looked_until - interval '${OVERLAP}' AND due.at > k.created_at AND NOT (p.archived OR o.shut_by_provider OR o.shut_as_guest) AND NOT EXISTS (SELECT FROM suspended_accounts s WHERE s.account_id = k.account_id)
            GROUP BY k.key_id, p.name ORDER BY k.key_id LIMIT $4`,
    values: [at, REMINDERS, Math.max(...REMINDERS), BATCH_MAX, after],
  });
  return rows;
}

/**
 * Has the holders reminded of all that has come up by an instant, however long it has been. The key itself knows of what its holder was told: any
 * replica may do this, at any time and again. One that fails keeps no other waiting, and is looked at in the next run.
 * @throws when the database cannot be asked.
 */
export async function remindHolders(
  store: EventStore,
  sql: Sql,
  at: Date,
  failed: (error: unknown) => void,
  stopped: () => boolean = () => false,
): Promise<void> {
  let allDone = true;
  const remind = ({ keyId, ...reminder }: DueReminder) =>
    handle(
      store,
      key,
      keyId,
      { type: 'RemindOfExpiry', ...reminder, at: at.toISOString() },
      { at, correlationId: uuid(), actor: 'service:key-management' },
    ).catch((error: unknown) => {
      if (sqlState(error) !== undefined && isAboutConnection(error)) throw error;
      allDone = false;
      failed(error);
    });
  for (let due = await dueReminders(sql, at, FIRST); ;) {
    for (const each of due) await remind(each);
    const last = due.at(-1);
    if (!last || due.length < BATCH_MAX) break;
    if (stopped()) return;
    due = await dueReminders(sql, at, last.keyId);
  }
  if (allDone) await sql.query('UPDATE reminders SET looked_until = $1 WHERE looked_until < $1', [at]);
}
