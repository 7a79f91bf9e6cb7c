import { randomUUID } from 'node:crypto';
import {
  epochsSchema,
  inboxSchema,
  type InboxRunner,
  type Message,
  type OwnersHistory,
  type Relay,
  relaySchema,
} from '#bus';
import { LogProof, type LogProofOptions, logSchema, PostgresEventStore } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import type { OwnerHistory } from '../history/owner-history.ts';
import {
  logIsKnown,
  nothingIsMissed,
  nothingWaits,
  publishedIsWritten,
  readyOrSaysWhy,
  streamsAreWhole,
} from './invariants.ts';

const TOPICS = ['identity.accounts', 'organization.organizations'];

describe('what must hold of a service', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase([...logSchema, ...relaySchema, ...inboxSchema, ...epochsSchema]);
  });
  afterEach(() => database.drop());

  const sql = (text: string, values: unknown[] = []) => database.pool.query(text, values);
  async function append(count: number): Promise<string> {
    const streamId = `desk-${randomUUID()}`;
    await new PostgresEventStore(database.pool).append({
      streamId,
      expectedVersion: 0,
      events: Array.from({ length: count }, () => ({ type: 'ItemAdded', data: { amount: 1 } })),
      cause: { at: new Date(), correlationId: 'c', actor: 'service:test' },
    });
    return streamId;
  }
  /** As an accident would: a trigger forbids it to everybody else. */
  const lose = (text: string) => database.asOwner('ALTER TABLE events DISABLE TRIGGER USER', text);

  describe('that its streams are whole', () => {
    it('holds of a log that was only appended to', async () => {
      await append(3);
      expect(await streamsAreWhole(database.pool)).toMatchObject({ invariant: 'I1', outcome: 'ok', next: '' });
    });

    it.each([
      ['the first event is gone', (id: string) => `DELETE FROM events WHERE stream_id = '${id}' AND version = 1`],
      ['one between is gone', (id: string) => `DELETE FROM events WHERE stream_id = '${id}' AND version = 2`],
      ['the last is gone', (id: string) => `DELETE FROM events WHERE stream_id = '${id}' AND version = 3`],
      ['all are gone', (id: string) => `DELETE FROM events WHERE stream_id = '${id}'`],
      ['the stream is gone', (id: string) => `DELETE FROM streams WHERE id = '${id}'`],
    ])('does not where %s, and the stream is named', async (_what, statement) => {
      const [broken, whole] = [await append(3), await append(3)];
      await lose(statement(broken));
      const found = await streamsAreWhole(database.pool);
      expect(found).toMatchObject({ outcome: 'fail', says: `${broken} has holes` });
      expect([found.says.includes(whole), found.next]).toEqual([false, expect.stringContaining('bring back a backup')]);
    });

    it('names five, and says how many more there are', async () => {
      const broken = await Promise.all(Array.from({ length: 7 }, () => append(1)));
      await lose('DELETE FROM events');
      const { says } = await streamsAreWhole(database.pool);
      expect([says.split('; ').length, says.endsWith('; and 2 more')]).toEqual([6, true]);
      expect(broken.filter((id) => says.includes(id))).toHaveLength(5);
    });
  });

  it('that its log is known holds once a follower has said so, and else says by which command it is mended', async () => {
    const proof = (bus: LogProofOptions['bus']) =>
      new LogProof({ sql: () => database.pool, bus, mend: 'Bring it back' });
    expect(
      await logIsKnown(
        proof(() => Promise.resolve('none')),
        'identity',
      ),
    ).toMatchObject({ outcome: 'ok' });
    expect(
      await logIsKnown(
        proof(() => Promise.resolve('ahead')),
        'identity',
      ),
    ).toMatchObject({ outcome: 'fail', next: 'rollcall log reopen identity' });
  });

  it('that what was published is written holds up to the version of each stream', async () => {
    const [known, lost] = [await append(2), `desk-${randomUUID()}`];
    await sql('INSERT INTO relay_versions (stream_id, version) VALUES ($1, 2)', [known]);
    expect(await publishedIsWritten(database.pool)).toMatchObject({ outcome: 'ok' });
    await sql('UPDATE relay_versions SET version = 3');
    await sql('INSERT INTO relay_versions (stream_id, version) VALUES ($1, 1)', [lost]);
    const { outcome, says } = await publishedIsWritten(database.pool);
    expect([outcome, [known, lost].every((id) => says.includes(`${id} was published further`))]).toEqual([
      'fail',
      true,
    ]);
  });

  describe('that nothing is missed of what others publish', () => {
    /** Owners that have published these versions of streams. */
    const owners = (published: Readonly<Record<string, number>>) => {
      const history: Pick<OwnersHistory, 'all'> = {
        all: async function* (topics) {
          for (const [key, version] of Object.entries(published))
            if (topics.some((topic) => key.startsWith(topic.includes('accounts') ? 'account' : 'organization')))
              yield [{ key, version } as Message];
        },
      };
      return history as OwnerHistory;
    };
    const take = (streamId: string, version: number) =>
      sql(
        'INSERT INTO inbox_versions (consumer, stream_id, last_version) VALUES ($1, $2, $3) ON CONFLICT (consumer, stream_id) DO UPDATE SET last_version = excluded.last_version',
        ['mailer', streamId, version],
      );
    const park = (streamId: string, version: number, state: string) =>
      sql("INSERT INTO parked (consumer, stream_id, version, state, message) VALUES ('mailer', $1, $2, $3, '{}')", [
        streamId,
        version,
        state,
      ]);
    const judge = (published: Readonly<Record<string, number>>) =>
      nothingIsMissed(database.pool, 'mailer', TOPICS, owners(published));

    it('holds where all is applied or parked, of all owners', async () => {
      await take('account-1', 2);
      await park('account-1', 3, 'failed');
      await take('organization-1', 1);
      expect(await judge({ 'account-1': 3, 'organization-1': 1 })).toMatchObject({ outcome: 'ok' });
    });

    it('does not where a stream is behind, or not known at all, once it has had its time', async () => {
      await take('account-1', 2);
      const began = performance.now();
      const found = await judge({ 'account-1': 3, 'organization-1': 4 });
      expect(found).toMatchObject({ outcome: 'fail', next: 'rollcall inbox restart mailer <topic>' });
      expect(found.says.split('; ').sort()).toEqual([
        'account-1 is known up to version 2 of 3',
        'organization-1 is known up to version 0 of 4',
      ]);
      expect(performance.now() - began).toBeGreaterThan(4_000);
    }, 30_000);

    it('holds as soon as what was on its way has come', async () => {
      await take('account-1', 2);
      setTimeout(() => void take('account-1', 3), 300);
      expect(await judge({ 'account-1': 3 })).toMatchObject({ outcome: 'ok' });
    });

    it('does not where more was applied than was ever published; what is parked proves nothing', async () => {
      await take('account-1', 2);
      await park('account-2', 5, 'failed');
      expect((await judge({ 'account-1': 2 })).outcome).toBe('ok');
      await take('account-1', 3);
      expect(await judge({ 'account-1': 2 })).toMatchObject({
        outcome: 'fail',
        says: 'account-1 is known further than its owner has published',
      });
    }, 30_000);

    it('says nothing of a stream of which an operator has left something out', async () => {
      await park('account-1', 1, 'skipped');
      await take('account-1', 9);
      expect(await judge({ 'account-1': 3 })).toMatchObject({ outcome: 'ok' });
    });
  });

  it('that nothing waits for a hand is a warning, which names each stream once with its reason', async () => {
    expect(await nothingWaits(database.pool)).toMatchObject({ invariant: 'I8', outcome: 'ok' });
    const park = (streamId: string, version: number, state: string, error: string | null) =>
      sql(
        "INSERT INTO parked (consumer, stream_id, version, state, message, error) VALUES ('mailer', $1, $2, $3, '{}', $4)",
        [streamId, version, state, error],
      );
    await park('account-1', 3, 'failed', 'no such template');
    await park('account-1', 4, 'failed', 'a later one');
    await park('account-2', 1, 'failed', null);
    for (const state of ['waiting', 'gap', 'skipped']) await park(`account-${state}`, 1, state, null);
    expect(await nothingWaits(database.pool)).toEqual({
      invariant: 'I8',
      outcome: 'warn',
      says: 'account-1 is parked (no such template); account-2 is parked (no reason was kept)',
      next: 'rollcall parked list',
    });
  });
});

it('a relay or an inbox that stands still is a fault that says why; a service may have no inbox', () => {
  const judge = (fault?: string, faults?: readonly string[]) =>
    readyOrSaysWhy({ fault } as Relay, faults && ({ faults } as InboxRunner));
  expect([judge(), judge(undefined, [])].map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
  expect(judge('an event cannot be told', ['identity.accounts/0 is halted'])).toMatchObject({
    invariant: 'I7',
    outcome: 'fail',
    says: 'the relay stands still: an event cannot be told; identity.accounts/0 is halted',
  });
});
