import { randomUUID } from 'node:crypto';
import type { DeliveredFact } from '#bus';
import { migrate, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { readRecord, writeRecord } from './record.ts';

const fact = (name: string, data: object, more: object = {}): DeliveredFact =>
  ({
    name,
    data,
    eventId: randomUUID(),
    streamId: 's',
    version: 1,
    at: new Date('2026-01-01T00:00:00Z'),
    correlationId: 'c',
    ...more,
  }) as unknown as DeliveredFact;
const renamed = (organizationId: string, name: string) => fact('OrganizationRenamed.v1', { organizationId, name });

describe("the organization's record", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    await migrate(database.ownerUrl, stepsIn('apps/organization/migrations'));
  });
  afterAll(() => database.drop());

  const write = async (...facts: DeliveredFact[]) => {
    const client = await database.pool.connect();
    await client.query('BEGIN');
    await writeRecord(client, facts).catch((error: unknown) => {
      client.release(true);
      throw error;
    });
    return async () => {
      await client.query('COMMIT');
      client.release();
    };
  };
  const commit = async (...facts: DeliveredFact[]) => (await write(...facts))();
  const read = (organizationId: string, after = 0, types: string[] = [], limit = 50) =>
    readRecord(database.pool, organizationId, { types, after, limit });
  const names = (items: readonly { data: object }[]) => items.map(({ data }) => (data as { name: string }).name);

  it("holds each organization's facts in the order in which they came, and no other facts", async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    await commit(renamed(a, '1'), renamed(b, 'x'), fact('LoginRecorded.v1', {}), renamed(a, '2'), renamed(b, 'y'));
    await commit(renamed(a, '3'));
    expect(names((await read(a)).items)).toEqual(['1', '2', '3']);
    expect(names((await read(b)).items)).toEqual(['x', 'y']);
  });

  it('finds the organization of a key by its project, and refuses a key of a project that is not known', async () => {
    const [a, projectId] = [randomUUID(), randomUUID()];
    await database.pool.query('INSERT INTO project_places (project_id, organization_id) VALUES ($1, $2)', [
      projectId,
      a,
    ]);
    await commit(
      fact('KeyRevoked.v1', { keyId: randomUUID(), projectId, accountId: randomUUID(), reason: 'requested' }),
    );
    expect((await read(a)).items.map(({ type }) => type)).toEqual(['KeyRevoked.v1']);
    await expect(write(fact('KeyRevoked.v1', { projectId: randomUUID() }))).rejects.toThrow('does not know');
  });

  it('goes on after what was seen, by types too, and stands behind all that it has looked at', async () => {
    const a = randomUUID();
    await commit(
      renamed(a, '1'),
      fact('OrganizationOrphaned.v1', { organizationId: a }),
      renamed(a, '2'),
      renamed(a, '3'),
    );
    const first = await read(a, 0, [], 2);
    expect(first.items).toHaveLength(2);
    expect(names((await read(a, first.next)).items)).toEqual(['2', '3']);
    expect(await read(a, 4)).toEqual({ items: [], next: 4 });
    expect(await read(a, 0, ['OrganizationOrphaned.v1'])).toMatchObject({
      items: [{ type: 'OrganizationOrphaned.v1' }],
      next: 4,
    });
    expect(await read(randomUUID())).toEqual({ items: [], next: 0 });
  });

  it('goes back in time part by part to where it began, whatever comes meanwhile', async () => {
    const a = randomUUID();
    const back = (after = 0, limit = 2) => readRecord(database.pool, a, { types: [], after, limit, newestFirst: true });
    await commit(renamed(a, '1'), renamed(a, '2'), renamed(a, '3'));
    const first = await back();
    expect(names(first.items)).toEqual(['3', '2']);
    await commit(renamed(a, '4'));
    expect(await back(first.next)).toMatchObject({ items: [{ data: { name: '1' } }], next: 0 });
    expect(await back(0, 4)).toMatchObject({ items: [{}, {}, {}, {}], next: 0 });
    expect(await readRecord(database.pool, randomUUID(), { types: [], after: 0, limit: 2, newestFirst: true })).toEqual(
      { items: [], next: 0 },
    );
  });

  it('is told by who did it and by key, in both orders, and says of what was not told that nobody knows', async () => {
    const [a, ada, keyId] = [randomUUID(), randomUUID(), randomUUID()];
    const by = { actor: `account:${ada}` };
    const issued = { keyId, projectId: randomUUID(), organizationId: a, accountId: ada };
    await commit(
      fact('KeyIssued.v1', issued, by),
      renamed(a, '1'),
      fact('OrganizationRenamed.v1', { organizationId: a, name: '2' }, by),
      fact('KeyLeakReported.v1', issued, { actor: 'service:key-management' }),
    );
    const types = async (part: { actor?: string; keyId?: string }) =>
      Promise.all(
        [false, true].map(async (newestFirst) =>
          (await readRecord(database.pool, a, { types: [], after: 0, limit: 9, newestFirst, ...part })).items.map(
            ({ type }) => type,
          ),
        ),
      );
    const both = (one: string, other: string) => [
      [one, other],
      [other, one],
    ];
    expect(await types(by)).toEqual(both('KeyIssued.v1', 'OrganizationRenamed.v1'));
    expect(await types({ keyId })).toEqual(both('KeyIssued.v1', 'KeyLeakReported.v1'));
    expect(await types({ ...by, keyId })).toEqual([['KeyIssued.v1'], ['KeyIssued.v1']]);
    expect((await read(a)).items.map(({ actor }) => actor)).toEqual([
      by.actor,
      null,
      by.actor,
      'service:key-management',
    ]);
  });

  it('never lets a reader pass what commits late: who writes second waits, and another organization does not', async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    const commitFirst = await write(renamed(a, 'first'));
    const second = commit(renamed(a, 'second'));
    await commit(renamed(b, 'other'));
    expect(names((await read(b)).items)).toEqual(['other']);
    const before = await read(a);
    expect(before).toEqual({ items: [], next: 0 });
    await commitFirst();
    await second;
    expect(names((await read(a, before.next)).items)).toEqual(['first', 'second']);
  });

  it('is read whole by one who polls while many write', async () => {
    const a = randomUUID();
    const seen: string[] = [];
    let [after, writing] = [0, true];
    const reader = (async () => {
      for (let more = true; more;) {
        more = writing;
        const part = await read(a, after, [], 7);
        seen.push(...names(part.items));
        more ||= part.items.length > 0;
        after = part.next;
      }
    })();
    await Promise.all(
      Array.from({ length: 5 }, async (_, writer) => {
        for (let n = 0; n < 20; n++) await commit(renamed(a, `${writer}-${n}`), renamed(randomUUID(), 'other'));
      }),
    );
    writing = false;
    await reader;
    expect([seen.length, new Set(seen).size]).toEqual([100, 100]);
  });
});
