import { factKind, readFact } from '#contracts';
import type { DomainEvent, RecordedEvent } from '#event-sourcing';
import { migrate, stepsIn } from '#platform';
import { catalogue, testDatabase } from '#testing';
import { publish as identity } from '../../apps/identity/src/outbox.ts';
import { publish as inactivityPolicy } from '../../apps/inactivity-policy/src/outbox.ts';
import { publish as jobQueue } from '../../apps/job-queue/src/outbox.ts';
import { publish as keyManagement } from '../../apps/key-management/src/outbox.ts';
import { publish as mailer } from '../../apps/mailer/src/outbox.ts';
import { publish as organization } from '../../apps/organization/src/outbox.ts';
import { releasedStatements } from './released.fixture.ts';

const FOLDERS: Readonly<Record<string, string>> = {
  identity: 'apps/identity/migrations',
  person_keys: 'apps/identity/migrations/person-keys',
  organization: 'apps/organization/migrations',
  key_management: 'apps/key-management/migrations',
  inactivity_policy: 'apps/inactivity-policy/migrations',
  job_queue: 'apps/job-queue/migrations',
  mailer: 'apps/mailer/migrations',
  bus: 'apps/rollcall/migrations/bus',
};

/** Characters of the id that ends a stream's name. */
const ID = 36;

/** Where not everything is in the log. */
const KEPT: Readonly<Record<string, string>> = { person_keys: 'person_keys', bus: 'bus_log' };

describe('a database of 0.1.0', () => {
  it.each(Object.entries(FOLDERS))(
    'becomes what a new one is, to the last grant, and keeps its rows: %s',
    async (name, folder) => {
      const [released, fresh] = await Promise.all([testDatabase(), testDatabase()]);
      await released.asOwner(...releasedStatements(name));
      const counted = async () =>
        (await released.pool.query<{ kept: number }>(`SELECT count(*)::int AS kept FROM ${KEPT[name] ?? 'events'}`))
          .rows[0]?.kept;
      const before = await counted();
      await migrate(released.ownerUrl, stepsIn(folder));
      await migrate(fresh.ownerUrl, stepsIn(folder));
      expect(await catalogue(released.ownerUrl)).toEqual(await catalogue(fresh.ownerUrl));
      expect(before).toBeGreaterThan(0);
      expect(await counted()).toBe(before);
      await Promise.all([released.drop(), fresh.drop()]);
    },
  );

  const OUTBOXES: Readonly<Record<string, (event: RecordedEvent) => ReturnType<typeof identity>>> = {
    identity,
    inactivity_policy: inactivityPolicy,
    job_queue: jobQueue,
    key_management: keyManagement,
    mailer,
    organization,
  };
  const asKnown = (name: string, data: unknown) => readFact(name, data, factKind);

  it.each(Object.entries(OUTBOXES))(
    'tells nothing, when its log is told again, that it had not told then: %s',
    async (name, publish) => {
      const [log, bus] = [await testDatabase(), await testDatabase()];
      await log.asOwner(...releasedStatements(name));
      await bus.asOwner(...releasedStatements('bus'));
      const { rows: told } = await bus.pool.query<{ event_id: string; type: string; value: unknown }>(
        `SELECT event_id, headers->>'ce_type' AS type, value FROM bus_log`,
      );
      const facts = new Map(told.map(({ event_id: id, type, value }) => [id, asKnown(type, value)]));
      const { rows } = await log.pool.query<{ event_id: string; stream_id: string; event: DomainEvent }>(
        `SELECT event_id, stream_id, json_build_object('type', type, 'data', data) AS event FROM events ORDER BY txid, pos`,
      );
      for (const row of rows) {
        const fact = publish({ id: row.stream_id.slice(-ID), event: row.event } as RecordedEvent);
        expect([row.event.type, fact === 'private' ? undefined : asKnown(fact.name, fact.data)]).toEqual([
          row.event.type,
          facts.get(row.event_id),
        ]);
      }
      await Promise.all([log.drop(), bus.drop()]);
    },
  );
});
