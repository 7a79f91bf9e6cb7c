import {
  type Cause,
  type EventStore,
  handle,
  isRefusal,
  load,
  type Loaded,
  loadMany,
  streamName,
  type Tx,
} from '#event-sourcing';
import { v5 as derive } from 'uuid';
import { lastActivities, lastActivity } from '../activity/activity.ts';
import type { Policy } from '../policy/policy.decider.ts';
import { type Dormancy, dueAtOf, type LastActivity, nextLookAt } from './deadline.process.ts';
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
 * Looks at accounts that have come up, in one transaction and with one append: does what is due, and puts down when to look again. All or
 * none of them. `heard`: up to where all activity is known. Answers in the order of the accounts.
 */
export function assessDue(
  store: EventStore,
  accountIds: readonly string[],
  policy: Policy,
  heard: Date | undefined,
  cause: Cause,
): Promise<Outcome[]> {
  return store.transact(async (inside, tx) => {
    const taken = await takeDue(tx, accountIds, cause.at);
    const lasts = await lastActivities(tx, taken);
    const pasts = await loadMany(inside, dormancy, taken);
    const looks = [...lasts].map(([accountId, last]) =>
      look(accountId, pasts.get(accountId) ?? NEVER, { last, policy, heard, at: cause.at }),
    );
    const appends = looks
      .filter(({ events }) => events.length > 0)
      .map(({ accountId, expectedVersion, events }) => ({
        streamId: streamOf(accountId),
        expectedVersion,
        events,
        cause,
      }));
    if (appends.length > 0) await inside.appendMany(appends);
    await schedule(tx, looks);
    const outcomes = new Map(looks.map(({ accountId, outcome }) => [accountId, outcome]));
    return accountIds.map((accountId) => outcomes.get(accountId) ?? 'taken');
  });
}

const NEVER: Loaded<Dormancy> = { version: 0, state: dormancy.initial };

/** What is to be done about one account, and when it comes up again. */
function look(
  accountId: string,
  { version: expectedVersion, state: before }: Loaded<Dormancy>,
  { last, policy, heard, at: now }: { last: LastActivity; policy: Policy; heard: Date | undefined; at: Date },
) {
  const at = now.toISOString();
  const dueAt = dueAtOf(before, policy, last);
  const decision =
    dueAt === undefined
      ? []
      : dormancy.decide(
          {
            type: 'Assess',
            at,
            policy,
            lastActivity: last,
            dueAt,
            messageId: warningMessageId(accountId, dueAt),
            watermark: heard?.toISOString() ?? null,
          },
          before,
        );
  const events = isRefusal(decision) ? [] : decision;
  const nextAt = nextLookAt(
    events.reduce((state, event) => dormancy.evolve(state, event), before),
    policy,
    last,
    at,
  );
  // Due and not done: it waits for evidence. Looked at in each run, thousands that wait would be all that a run does.
  const held = nextAt !== undefined && nextAt <= at;
  const again = held ? { nextAt: new Date(now.getTime() + DAY_MS).toISOString(), waitsFor: nextAt } : { nextAt };
  return { accountId, expectedVersion, events, outcome: held ? ('held' as const) : outcome(events[0]), ...again };
}

const streamOf = (accountId: string) => streamName(dormancy.category, accountId);

function outcome(event: DormancyEvent | undefined): Outcome {
  if (event?.type === 'InactivityWarningIssued') return 'warned';
  return event?.type === 'DormancyReached' ? 'reached' : 'not-yet';
}

/** What others have stated about an account, inside the inbox's transaction. */
export async function take(
  command: DormancyCommand,
  accountId: string,
  policy: Policy,
  cause: Cause,
  { store, sql }: { store: EventStore; sql: Tx },
): Promise<void> {
  await lockDeadline(sql, accountId);
  const { state } = await handle(store, dormancy, accountId, command, cause);
  await schedule(sql, [
    { accountId, nextAt: nextLookAt(state, policy, await lastActivity(sql, accountId), cause.at.toISOString()) },
  ]);
}
