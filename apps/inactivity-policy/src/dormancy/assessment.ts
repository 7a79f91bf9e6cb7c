import { type Cause, type EventStore, handle, load, type Tx } from '#event-sourcing';
import { v5 as derive } from 'uuid';
import { lastActivity } from '../activity/activity.ts';
import type { Policy } from '../policy/policy.decider.ts';
import { type Dormancy, dueAtOf, nextLookAt } from './deadline.process.ts';
import { lockDeadline, schedule, takeDue } from './deadlines.ts';
import { dormancy, type DormancyCommand, type DormancyEvent } from './dormancy.process.ts';

/** Namespace of warnings' message ids. It never changes: a warning would go out twice. */
const WARNINGS = '0e2a6a4e-5f0b-5c1d-9d0a-3b7c6f1e8a42';

/** One message id per account and due date: retries, restarts and replays never make a second one. */
export const warningMessageId = (accountId: string, dueAt: string): string => derive(`${accountId} ${dueAt}`, WARNINGS);

export async function readDormancy(store: EventStore, accountId: string): Promise<Dormancy> {
  return (await load(store, dormancy, accountId)).state;
}

export type Outcome = 'warned' | 'reached' | 'held' | 'not-yet' | 'taken';

const DAY_MS = 86_400_000;

/**
 * Looks at one account that has come up, in one transaction: does what is due, and puts down when to look again. `heard`: up to where
 * all activity is known.
 */
export function assessDue(store: EventStore, accountId: string, policy: Policy, heard: Date | undefined, cause: Cause): Promise<Outcome> {
  return store.transaction(async (inside, tx) => {
    if (!(await takeDue(tx, accountId, cause.at))) return 'taken';
    const last = await lastActivity(tx, accountId);
    const at = cause.at.toISOString();
    const before = await readDormancy(inside, accountId);
    const dueAt = dueAtOf(before, policy, last);
    const { events, state } = dueAt === undefined
      ? { events: [], state: before }
      : await handle(inside, dormancy, accountId, { type: 'Assess', at, policy, lastActivity: last, dueAt, messageId: warningMessageId(accountId, dueAt), watermark: heard?.toISOString() ?? null }, cause);
    const nextAt = nextLookAt(state, policy, last, at);
    // Due and not done: it waits for evidence. Looked at in each run, thousands that wait would be all that a run does.
    const held = nextAt !== undefined && nextAt <= at;
    await schedule(tx, accountId, held ? new Date(cause.at.getTime() + DAY_MS).toISOString() : nextAt, held ? nextAt : null);
    return held ? 'held' : outcome(events[0]);
  });
}

function outcome(event: DormancyEvent | undefined): Outcome {
  if (event?.type === 'InactivityWarningIssued') return 'warned';
  return event?.type === 'DormancyReached' ? 'reached' : 'not-yet';
}

/** What others have stated about an account, inside the inbox's transaction. */
export async function take(command: DormancyCommand, accountId: string, policy: Policy, cause: Cause, { store, sql }: { store: EventStore; sql: Tx }): Promise<void> {
  await lockDeadline(sql, accountId);
  const { state } = await handle(store, dormancy, accountId, command, cause);
  await schedule(sql, accountId, nextLookAt(state, policy, await lastActivity(sql, accountId), cause.at.toISOString()));
}
