import { setTimeout as pause } from 'node:timers/promises';
import { PostgresEventStore, type Projection, type RecordedEvent, START } from '#event-sourcing';
import { type Client, Pool } from 'pg';
import { accounts } from '../../../apps/identity/src/account/accounts.projection.ts';
import { sessions } from '../../../apps/identity/src/session/sessions.projection.ts';
import { warnings } from '../../../apps/inactivity-policy/src/dormancy/warnings.projection.ts';
import { jobs } from '../../../apps/job-queue/src/job/jobs.projection.ts';
import { keyDirectory } from '../../../apps/key-management/src/key/key-directory.projection.ts';
import { invitationDirectory } from '../../../apps/organization/src/invitation/invitation-directory.projection.ts';
import { organizationDirectory } from '../../../apps/organization/src/organization/organization-directory.projection.ts';
import { places } from '../../../apps/organization/src/organization/places.projection.ts';

/** Every read model that is made from its own service's log, by database. */
export const PROJECTIONS: Readonly<Record<string, readonly Projection[]>> = {
  identity: [accounts, sessions],
  organization: [organizationDirectory, invitationDirectory, places],
  key_management: [keyDirectory],
  job_queue: [jobs],
  inactivity_policy: [warnings],
};

const BATCH = 500;
const TRIES_MAX = 20;

/** The tables that differ from a fresh replay of the log beside them. Nothing of the replay stays. */
export async function differingModels(client: Client, url: string, database: string): Promise<string[]> {
  const pool = new Pool({ connectionString: url, max: 1 });
  try {
    for (let tries = 1; ; tries++) {
      const differing = await compareOnce(client, new PostgresEventStore(pool), PROJECTIONS[database] ?? []);
      if (differing) return differing;
      if (tries === TRIES_MAX) throw new Error(`the log of ${database} does not come to rest`);
      await pause(500);
    }
  } finally {
    await pool.end();
  }
}

/** Undefined when the log moved meanwhile. */
async function compareOnce(
  client: Client,
  reader: PostgresEventStore,
  projections: readonly Projection[],
): Promise<string[] | undefined> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  try {
    const { rows } = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM events');
    const events = await wholeLog(reader.within(client));
    if (events.length !== rows[0]?.count) return undefined;
    await client.query('CREATE SCHEMA replay');
    const differing: string[] = [];
    for (const projection of projections) differing.push(...(await replayed(client, projection, events)));
    return differing;
  } finally {
    await client.query('ROLLBACK');
  }
}

async function replayed(client: Client, projection: Projection, events: readonly RecordedEvent[]): Promise<string[]> {
  const { categories, tables } = projection;
  for (const table of tables) await client.query(`CREATE TABLE replay.${table} (LIKE public.${table} INCLUDING ALL)`);
  await client.query('SET LOCAL search_path = replay, public');
  const mine = events.filter(({ category }) => categories.includes(category));
  for (let at = 0; at < mine.length; at += BATCH) await projection.apply(client, mine.slice(at, at + BATCH));
  const differing: string[] = [];
  for (const table of tables) {
    const { rows } = await client.query<{ rows: number }>(
      `SELECT count(*)::int AS rows FROM ((TABLE public.${table} EXCEPT ALL TABLE replay.${table}) UNION ALL (TABLE replay.${table} EXCEPT ALL TABLE public.${table})) AS d`,
    );
    if (rows[0]?.rows !== 0) differing.push(`${table} differs from a replay in ${rows[0]?.rows} rows`);
  }
  return differing;
}

async function wholeLog(store: Pick<PostgresEventStore, 'readLog'>): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (let cursor = START; ;) {
    const batch = await store.readLog(cursor, BATCH * 4);
    events.push(...batch);
    const last = batch.at(-1);
    if (!last) return events;
    cursor = last.cursor;
  }
}
