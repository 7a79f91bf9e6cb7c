import { type Cause, type EventStore, isAboutConnection, type Sql, sqlState } from '#event-sourcing';
import { v7 as uuid } from 'uuid';
import { currentPolicy } from '../policy/current-policy.ts';
import type { Policy } from '../policy/policy.decider.ts';
import { assessDue, type Outcome } from './assessment.ts';
import { dueAccounts, FIRST, isAnythingDue, letGo } from './deadlines.ts';

/** One append for so many: a longer transaction would hold up those who follow the log. */
const BATCH_MAX = 100;

/** What a run found. `failed` accounts stay due and come up in the next run. */
export type SweepCounts = Record<Outcome | 'looked' | 'failed', number>;

/**
 * Looks at everything that is due by an instant, however long it has been. Stops between two batches when told to.
 * @param heard up to when all activity is known; asked for once, before anything is looked at
 * @throws when the database cannot be asked: what was not looked at stays due.
 */
export async function sweep(
  store: EventStore,
  sql: Sql,
  at: Date,
  hearing: () => Promise<Date | undefined>,
  failed: (error: unknown) => void,
  stopped: () => boolean = () => false,
): Promise<SweepCounts> {
  const counts: SweepCounts = {
    'looked': 0,
    'warned': 0,
    'reached': 0,
    'held': 0,
    'not-yet': 0,
    'taken': 0,
    'failed': 0,
  };
  const cause = { at, correlationId: uuid(), actor: 'service:inactivity-policy' };
  if (!(await isAnythingDue(sql, at))) return counts;
  const [policy, heard] = [await currentPolicy(store), await hearing()];
  if (heard) await letGo(sql, heard, at);
  for (let place = FIRST; ;) {
    const due = await dueAccounts(sql, at, place, BATCH_MAX);
    for (const outcome of await assessAll(
      store,
      due.map(({ accountId }) => accountId),
      { policy, heard, cause },
      failed,
    )) {
      counts.looked++;
      counts[outcome]++;
    }
    const last = due.at(-1);
    if (!last || due.length < BATCH_MAX || stopped()) return counts;
    place = last;
  }
}

/**
 * A batch that fails is halved down to the account that spoils it, whose events cannot be judged or whose stream another writer changed first: that
 * one
 * comes up again in the next run and keeps no other waiting. No savepoints, which overflow PostgreSQL's snapshots.
 */
async function assessAll(
  store: EventStore,
  accountIds: readonly string[],
  by: { policy: Policy; heard: Date | undefined; cause: Cause },
  failed: (error: unknown) => void,
): Promise<(Outcome | 'failed')[]> {
  if (accountIds.length === 0) return [];
  try {
    return await assessDue(store, accountIds, by.policy, by.heard, by.cause);
  } catch (error) {
    // Halving helps against what an account has brought, not against a database that is away.
    if (sqlState(error) !== undefined && isAboutConnection(error)) throw error;
    if (accountIds.length === 1) {
      failed(error);
      return ['failed'];
    }
    const middle = accountIds.length >> 1;
    return [
      ...(await assessAll(store, accountIds.slice(0, middle), by, failed)),
      ...(await assessAll(store, accountIds.slice(middle), by, failed)),
    ];
  }
}
