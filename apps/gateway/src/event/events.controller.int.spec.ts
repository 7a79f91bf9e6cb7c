import { randomUUID } from 'node:crypto';
import { type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

const AT = '2026-01-01T00:00:00.000Z';
const [ADA, GONE, MILL, LAPTOP] = Array.from({ length: 4 }, () => randomUUID()) as [string, string, string, string];
const RECORD = [
  ['KeyRevoked.v1', { keyId: LAPTOP, projectId: MILL, accountId: GONE, reason: 'requested' }, `account:${ADA}`],
  ['KeyRevoked.v1', { keyId: randomUUID(), projectId: MILL, accountId: ADA, reason: 'operator' }, 'operator'],
  ['OrganizationOrphaned.v1', { organizationId: randomUUID() }, 'service:organization'],
  ['MemberRemoved.v1', { organizationId: randomUUID(), accountId: GONE, reason: 'left' }, undefined],
].map(([type, data, actor]) => ({
  eventId: randomUUID(),
  type: type as string,
  at: AT,
  data: JSON.stringify(data),
  ...(actor === undefined ? {} : { actor: actor as string }),
}));

describe("an organization's record", () => {
  let gateway: GatewayHarness;
  beforeAll(async () => {
    gateway = await gatewayHarness({
      'organization': {
        Record: {
          listRecord: async ({ after, newestFirst }) =>
            newestFirst
              ? { items: RECORD, next: 0, memberIds: [ADA], projects: [{ projectId: MILL, name: 'Mill' }] }
              : { items: [], next: after + 40, memberIds: [], projects: [] },
        },
      },
      'identity': {
        Accounts: {
          describeAccounts: async ({ accountIds }) => ({
            accounts: accountIds.map((accountId) => ({
              accountId,
              name: 'Ada',
              email: 'ada@example.com',
              createdAt: AT,
              status: 'active',
              idleTimeoutEnabled: false,
              idleTimeoutMinutes: 30,
              idleTimeoutRequired: false,
            })),
          }),
        },
      },
      'key-management': { Keys: { nameKeys: async () => ({ keys: [{ keyId: LAPTOP, name: 'laptop' }] }) } },
    });
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.forget();
  });

  const ask = (query: string, headers: Record<string, string>) => gateway.ask('GET', `/v1/events${query}`, { headers });
  const keyed = ({ secret }: { readonly secret: string }) => ({ authorization: `apiKey ${secret}` });
  const asked = () => gateway.asked('organization.Record.listRecord').map(({ request }) => request);

  it('is open to no key that does not name its scope, not even to one that may do all that keys may', async () => {
    for (const scopes of [[], ['jobs:read'], ['events:reader']])
      expect(await ask('', keyed(gateway.key({ scopes })))).toMatchObject({ status: 403, code: 'key/scope-required' });
    expect(asked()).toEqual([]);
  });

  it("is that of a key's own organization, whatever else is asked for", async () => {
    const key = gateway.key({ scopes: ['events:read'] });
    expect((await ask('', keyed(key))).status).toBe(200);
    expect((await ask(`?organizationId=${key.organizationId}`, keyed(key))).status).toBe(200);
    expect(await ask(`?organizationId=${randomUUID()}`, keyed(key))).toMatchObject({
      status: 404,
      code: 'organization/unknown',
    });
    const own = { callerId: key.accountId, organizationId: key.organizationId };
    expect(asked()).toEqual([expect.objectContaining(own), expect.objectContaining(own)]);
  });

  it('must be named by who is signed in, whose right to it is judged by its owner', async () => {
    const [{ accountId, cookie }, organizationId] = [gateway.signedIn(), randomUUID()];
    expect(await ask('', { cookie })).toMatchObject({
      status: 400,
      json: { errors: [{ pointer: '/organizationId' }] },
    });
    await ask(`?organizationId=${organizationId}`, { cookie });
    expect(asked()).toEqual([expect.objectContaining({ callerId: accountId, organizationId })]);
    expect((await ask(`?organizationId=${organizationId}`, {})).code).toBe('session/required');
  });

  it('goes on from the place that it said', async () => {
    const headers = keyed(gateway.key({ scopes: ['events:read'] }));
    const { next } = (await ask('', headers)).json as { next: string };
    expect(next).toBe('r14');
    expect((await ask(`?after=${next}`, headers)).json).toEqual({ items: [], next: 'r28' });
    expect(asked()).toEqual([expect.objectContaining({ after: 0 }), expect.objectContaining({ after: 40 })]);
  });

  it('names from its newest side who did it and what it is about, by one question to each, and nobody who left', async () => {
    const read = async () =>
      (await ask('?order=newest', keyed(gateway.key({ scopes: ['events:read'] })))).json as {
        items: { actor: unknown; names: unknown }[];
        next: unknown;
      };
    const { items, next } = await read();
    expect(next).toBeNull();
    expect(items.map(({ actor, names }) => ({ actor, names }))).toEqual([
      {
        actor: { kind: 'account', accountId: ADA, name: 'Ada' },
        names: { keyId: 'laptop', projectId: 'Mill', accountId: null },
      },
      {
        actor: { kind: 'operator', accountId: null, name: null },
        names: { keyId: null, projectId: 'Mill', accountId: 'Ada' },
      },
      { actor: { kind: 'service', accountId: null, name: null }, names: {} },
      { actor: null, names: { accountId: null } },
    ]);
    for (const method of ['identity.Accounts.describeAccounts', 'key-management.Keys.nameKeys'])
      expect(gateway.asked(method)).toHaveLength(1);
  });

  it('asks for the part that is wanted', async () => {
    const [actorId, keyId] = [randomUUID(), randomUUID()];
    const key = keyed(gateway.key({ scopes: ['events:read'] }));
    await ask(`?order=newest&after=r5&actorId=${actorId}&keyId=${keyId}&types=KeyRevoked.v1`, key);
    expect(asked()).toEqual([
      expect.objectContaining({ newestFirst: true, after: 5, actorId, keyId, types: ['KeyRevoked.v1'] }),
    ]);
    expect((await ask('?order=random', key)).status).toBe(400);
  });
});
