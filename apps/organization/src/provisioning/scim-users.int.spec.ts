import { randomBytes, randomUUID } from 'node:crypto';
import { PostgresEventStore } from '#event-sourcing';
import { migrate, resealing, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { v7 as uuid } from 'uuid';
import type { OrganizationConfig } from '../config.ts';
import type { ScimToken } from './scim-tokens.query.ts';
import { ScimUsers, sealedUsers } from './scim-users.ts';

const key = () => randomBytes(32).toString('base64url');
const config = (...ring: string[]) => ({ installationKey: ring.join(',') }) as OrganizationConfig;
const token = (): ScimToken => ({
  connectionId: randomUUID(),
  organizationId: randomUUID(),
  accountId: randomUUID(),
  subject: 'externalId',
});
const user = (n: number) => ({
  userId: uuid(),
  accountId: undefined,
  attributes: { userName: `user-${n}@acme.example`, externalId: String(n), active: true },
  createdAt: new Date(),
});
const PAGE = 200;

describe('users whom providers keep', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    await migrate(database.ownerUrl, stepsIn('apps/organization/migrations'), database.url);
  });
  afterAll(() => database.drop());
  beforeEach(() => database.pool.query('DELETE FROM scim_users'));

  it('are read page by page, each once, ten thousand of them, and one by one by their names', async () => {
    const [users, acme, count] = [new ScimUsers(config(key())), token(), 10_000];
    await new PostgresEventStore(database.pool).transact(async (_store, tx) => {
      for (let n = 0; n < count; n++) await users.add(tx, acme, user(n));
    });
    const seen = new Set<string>();
    for (let offset = 0; offset < count; offset += PAGE) {
      const page = await users.list(database.pool, acme, undefined, { offset, limit: PAGE });
      expect(page.total).toBe(count);
      for (const { attributes } of page.users) seen.add(attributes.userName);
    }
    expect(seen.size).toBe(count);
    const beyond = await users.list(database.pool, acme, undefined, { offset: 2_147_483_646, limit: PAGE });
    expect(beyond).toEqual({ total: count, users: [] });
    const one = { offset: 0, limit: PAGE };
    for (const filter of [
      { attribute: 'userName', value: 'USER-7@acme.example' },
      { attribute: 'externalId', value: '7' },
    ] as const)
      expect(await users.list(database.pool, acme, filter, one)).toMatchObject({
        total: 1,
        users: [{ attributes: { userName: 'user-7@acme.example' } }],
      });
    expect((await users.list(database.pool, token(), undefined, one)).total).toBe(0);
  }, 120_000);

  it('are sealed: nothing of them can be read in the database, and a newer key of the ring seals them again', async () => {
    const [older, newer, acme, carol] = [key(), key(), token(), user(1)];
    const of = (...ring: string[]) => new ScimUsers(config(...ring));
    await new PostgresEventStore(database.pool).transact((_store, tx) => of(older).add(tx, acme, carol));
    const { rows } = await database.pool.query<{ row: string }>(
      "SELECT concat_ws('|', u.*, encode(sealed, 'escape')) AS row FROM scim_users u WHERE user_id = $1",
      [carol.userId],
    );
    expect(rows[0]?.row).not.toContain(carol.attributes.userName);
    const { work } = resealing(sealedUsers(config(newer, older)));
    expect(await work(database.pool, new Date(), 1)).toBe(1);
    expect((await of(newer).find(database.pool, acme, carol.userId))?.attributes).toEqual(carol.attributes);
    await expect(of(older).find(database.pool, acme, carol.userId)).rejects.toThrow();
  });
});
