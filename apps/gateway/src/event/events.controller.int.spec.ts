import { randomUUID } from 'node:crypto';
import { type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

describe("an organization's record", () => {
  let gateway: GatewayHarness;
  beforeAll(async () => {
    gateway = await gatewayHarness({
      organization: {
        Record: { listRecord: async ({ after }) => ({ items: [], next: after + 40, memberIds: [], projects: [] }) },
      },
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
});
