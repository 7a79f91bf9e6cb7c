import { type Cause, type EventStore, handle, load, type Sql } from '#event-sourcing';
import { type Policy, policy } from './policy.decider.ts';

const INSTALLATION = 'installation';

/** The policy that holds now. */
export async function currentPolicy(store: EventStore): Promise<Policy> {
  const { state } = await load(store, policy, INSTALLATION);
  if (!state) throw new Error('no policy was adopted: the service never started');
  return state;
}

/** Makes the configured figures the policy. Every account is looked at again when they changed: its dates may have come nearer. */
export async function adoptPolicy(
  store: EventStore,
  sql: Sql,
  figures: { thresholdDays: number; noticeDays: number },
  cause: Cause,
): Promise<void> {
  const { thresholdDays, noticeDays } = figures;
  const { events } = await handle(
    store,
    policy,
    INSTALLATION,
    { type: 'AdoptPolicy', thresholdDays, noticeDays, at: cause.at.toISOString() },
    cause,
  );
  if (events.length > 0) await sql.query('UPDATE deadlines SET next_at = least(next_at, $1)', [cause.at]);
}
