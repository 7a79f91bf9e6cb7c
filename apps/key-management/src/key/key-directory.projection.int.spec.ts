import { randomUUID } from 'node:crypto';
import type { RecordedEvent } from '#event-sourcing';
import { migrate, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import type { KeyEvent } from './key.decider.ts';
import { keyDirectory } from './key-directory.projection.ts';
import { bound, ending, expiring, issued, leakReported, renamed, revoked, rotated } from './key.example.ts';

const AT = new Date('2026-01-01T00:00:00.000Z');
const LATER = new Date('2026-01-01T01:00:00.000Z');

describe('the directory of keys', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    await migrate(database.ownerUrl, stepsIn('apps/key-management/migrations'));
  });
  afterAll(() => database.drop());

  const recorded = (id: string, events: readonly KeyEvent[]) =>
    events.map((event, i) => ({ id, event, occurredAt: i === 0 ? AT : LATER }) as RecordedEvent<KeyEvent>);
  /** What stands of a key after these events, written together or one by one. */
  async function row(events: readonly KeyEvent[], together = true) {
    const id = randomUUID();
    const first = { ...issued, data: { ...(events[0] as typeof issued).data, digest: id } };
    const all = recorded(id, [first, ...events.slice(1)]);
    if (together) await keyDirectory.apply(database.pool, all);
    else for (const event of all) await keyDirectory.apply(database.pool, [event]);
    const { rows } = await database.pool.query<Record<string, unknown>>(
      'SELECT * FROM key_directory WHERE key_id = $1',
      [id],
    );
    return rows[0];
  }
  const first = {
    account_id: issued.data.accountId,
    project_id: issued.data.projectId,
    organization_id: issued.data.organizationId,
    name: 'laptop',
    start: 'rck_…a1B2c3',
    scopes: [],
    created_at: AT,
    works_until: null,
    revoked_at: null,
    addresses: [],
    replaced_by: null,
  };

  it('has of a key all that it is listed and judged by, from when it was made', async () => {
    expect(await row([issued])).toMatchObject(first);
    expect(await row([{ ...issued, data: { ...issued.data, scopes: ['jobs:read'] } }])).toMatchObject({
      scopes: ['jobs:read'],
    });
    expect(await row([bound])).toMatchObject({ addresses: bound.data.addresses });
    expect(await row([ending])).toMatchObject({ works_until: new Date(ending.data.worksUntil) });
  });

  it.each([true, false])(
    'takes what happens to a key, and leaves the rest as it was (together: %s)',
    async (together) => {
      expect(await row([issued, renamed], together)).toMatchObject({ ...first, name: 'build server' });
      expect(await row([issued, revoked], together)).toMatchObject({ ...first, revoked_at: LATER });
      expect(await row([issued, rotated], together)).toMatchObject({
        ...first,
        works_until: new Date(rotated.data.worksUntil),
        replaced_by: rotated.data.replacedBy,
      });
      expect(await row([issued, rotated, renamed, revoked], together)).toMatchObject({
        name: 'build server',
        works_until: new Date(rotated.data.worksUntil),
        revoked_at: LATER,
      });
    },
  );

  it('changes nothing by what is only told to people', async () => {
    expect(await row([ending, expiring, leakReported])).toMatchObject({
      ...first,
      works_until: new Date(ending.data.worksUntil),
    });
  });

  it('changes nothing of another key', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    const made = (id: string) => ({ ...issued, data: { ...issued.data, digest: id } });
    await keyDirectory.apply(database.pool, [...recorded(one, [made(one)]), ...recorded(other, [made(other)])]);
    await keyDirectory.apply(database.pool, recorded(one, [revoked]));
    const { rows } = await database.pool.query<{ key_id: string }>(
      'SELECT key_id FROM key_directory WHERE key_id = ANY($1) AND revoked_at IS NULL',
      [[one, other]],
    );
    expect(rows).toEqual([{ key_id: other }]);
  });
});
