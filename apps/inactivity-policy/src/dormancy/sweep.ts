import type { EventStore, Sql } from '#event-sourcing';
import { v7 as uuid } from 'uuid';
import { currentPolicy } from '../policy/current-policy.ts';
import { assessDue, type Outcome } from './assessment.ts';
import { dueAccounts, FIRST, isAnythingDue, letGo } from './deadlines.ts';

const BATCH_MAX = 200;

/** What a run found. `failed` accounts stay due and come up in the next run. */
export type SweepCounts = Record<Outcome | 'looked' | 'failed', number>;

/**
 * Looks at everything that is due by an instant, however long it has been. Stops between two accounts when told to.
 * @param heard up to when all activity is known; asked for once, before anything is looked at
 */
export async function sweep(store: EventStore, sql: Sql, at: Date, hearing: () => Promise<Date | undefined>, failed: (error: unknown) => void, stopped: () => boolean = () => false): Promise<SweepCounts> {
  const counts: SweepCounts = { looked: 0, warned: 0, reached: 0, held: 0, 'not-yet': 0, taken: 0, failed: 0 };
  const cause = { at, correlationId: uuid(), actor: 'service:inactivity-policy' };
  if (!(await isAnythingDue(sql, at))) return counts;
  const [policy, heard] = [await currentPolicy(store), await hearing()];
  if (heard) await letGo(sql, heard, at);
  for (let place = FIRST; ;) {
    const due = await dueAccounts(sql, at, place, BATCH_MAX);
    for (const { accountId } of due) {
      if (stopped()) return counts;
      counts.looked++;
      // One account that cannot be judged must not keep the others waiting.
      try {
        counts[await assessDue(store, accountId, policy, heard, cause)]++;
      } catch (error) {
        counts.failed++;
        failed(error);
      }
    }
    const last = due.at(-1);
    if (!last || due.length < BATCH_MAX) return counts;
    place = last;
  }
}
