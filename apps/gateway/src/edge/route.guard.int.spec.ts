import { randomUUID } from 'node:crypto';
import { Problem } from '#platform';
import { Metadata } from '@grpc/grpc-js';
import { type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

const STALE = new Metadata();
STALE.set('rollcall-stale', '1');

describe('what passes the gate-keeper', () => {
  let gateway: GatewayHarness;
  beforeAll(async () => {
    gateway = await gatewayHarness({
      organization: {
        Organizations: {
          listOrganizations: async (_request, asked) => {
            if (asked.metadata.get('rollcall-seen')[0] === 'organization-late@1') asked.sendMetadata(STALE);
            return { items: [] };
          },
          createOrganization: async ({ name }) => ({ organizationId: randomUUID(), name, role: 'owner' }),
          leaveOrganization: async () => ({ enforced: true }),
          renameOrganization: async () => {
            throw new Problem('organization/unknown', 'You have no organization with this id.');
          },
        },
      },
      identity: { SignUps: { requestSignUp: async () => ({}) } },
    });
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.forget();
  });

  const CREATE = 'organization.Organizations.createOrganization';
  const create = (cookie: string, headers: Record<string, string> = {}, body: unknown = { name: 'Lab' }, query = '') =>
    gateway.ask('POST', `/v1/organizations${query}`, { headers: { cookie, ...headers }, body });
  /** The metadata that went along with the last command. */
  const along = (method = CREATE) => gateway.asked(method).at(-1)?.metadata ?? {};

  it('says who asks, and never what a client says of that', async () => {
    const { accountId, cookie } = gateway.signedIn();
    const said = await create(cookie, {
      'rollcall-actor': 'operator:eve',
      'rollcall-command': 'mine',
      'rollcall-correlation': 'mine',
      'rollcall-fingerprint': 'mine',
      'rollcall-caller': 'mine',
    });
    expect(along()).toMatchObject({
      'rollcall-actor': `account:${accountId}`,
      'rollcall-correlation': said.headers['x-request-id'],
    });
    expect(along()).not.toHaveProperty('rollcall-command');
    expect(along()['rollcall-caller']).not.toBe('mine');
    await gateway.ask('POST', '/v1/sign-ups', { body: { email: 'ada@example.com' } });
    expect(along('identity.SignUps.requestSignUp')).toMatchObject({ 'rollcall-actor': 'service:gateway' });
  });

  it('takes up a trace that is well formed, and no other', async () => {
    const { cookie } = gateway.signedIn();
    await create(cookie, { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' });
    expect(along().traceparent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-/);
    for (const traceparent of [
      '00-4bf9-00f067aa0ba902b7-01',
      'x',
      '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
      '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more',
    ]) {
      await create(cookie, { traceparent });
      expect([traceparent, String(along().traceparent)]).toEqual([traceparent, expect.not.stringContaining('4736')]);
    }
  });

  describe('an Idempotency-Key', () => {
    const command = async (...asking: Parameters<typeof create>) => {
      await create(...asking);
      const { 'rollcall-command': id, 'rollcall-fingerprint': fingerprint } = along();
      return { id, fingerprint };
    };

    it("makes the same command of the same request, and of no other's", async () => {
      const [ada, eve] = [gateway.signedIn(), gateway.signedIn()];
      const key = { 'idempotency-key': 'one' };
      const first = await command(ada.cookie, key);
      expect(first.id).toMatch(/^[\w-]{43}$/);
      expect(await command(ada.cookie, key)).toEqual(first);
      expect((await command(ada.cookie, { 'idempotency-key': 'two' })).id).not.toBe(first.id);
      expect((await command(eve.cookie, key)).id).not.toBe(first.id);
    });

    it('is of one route, and carries what was asked: with another content it can be told from the first', async () => {
      const { cookie } = gateway.signedIn();
      const first = await command(cookie, { 'idempotency-key': 'one' });
      const [other, again, formatted] = [
        await command(cookie, { 'idempotency-key': 'one' }, { name: 'Office' }),
        await command(cookie, { 'idempotency-key': 'one' }),
        await command(cookie, { 'idempotency-key': 'one' }, Buffer.from('{ "name": "Lab" }')),
      ];
      expect([other.id, again.id, formatted.id]).toEqual([first.id, first.id, first.id]);
      expect(again.fingerprint).toBe(first.fingerprint);
      expect(new Set([first.fingerprint, other.fingerprint, formatted.fingerprint]).size).toBe(3);
    });

    it('tells the things apart that one route names, and takes no body for an empty one', async () => {
      const { cookie } = gateway.signedIn();
      const [one, two] = [randomUUID(), randomUUID()];
      const leave = async (id: string, more: { body?: unknown } = { body: {} }) => {
        await gateway.ask('POST', `/v1/organizations/${id}/leave`, {
          headers: { cookie, 'idempotency-key': 'one' },
          ...more,
        });
        const { 'rollcall-command': command, 'rollcall-fingerprint': fingerprint } = along(
          'organization.Organizations.leaveOrganization',
        );
        return { command, fingerprint };
      };
      const [first, empty, other] = [await leave(one), await leave(one, {}), await leave(two)];
      expect(empty).toEqual(first);
      expect(other.command).toBe(first.command);
      expect(other.fingerprint).not.toBe(first.fingerprint);
      expect((await command(cookie, { 'idempotency-key': 'one' })).id).not.toBe(first.command);
    });

    it('is of one thing however its address is written', async () => {
      const { cookie } = gateway.signedIn();
      const id = randomUUID();
      for (const path of [`/v1/organizations/${id}/leave`, `/%761/organizations/${id}/%6ceave`])
        await gateway.ask('POST', path, { headers: { cookie, 'idempotency-key': 'one' }, body: {} });
      const [first, again] = gateway.asked('organization.Organizations.leaveOrganization').slice(-2);
      for (const name of ['rollcall-command', 'rollcall-fingerprint'])
        expect(again?.metadata[name]).toBe(first?.metadata[name]);
    });

    it('has 1 to 255 characters', async () => {
      const { cookie } = gateway.signedIn();
      expect((await create(cookie, { 'idempotency-key': 'x'.repeat(255) })).status).toBe(201);
      expect(await create(cookie, { 'idempotency-key': 'x'.repeat(256) })).toMatchObject({
        status: 400,
        code: 'request/invalid',
      });
      expect(gateway.asked(CREATE)).toHaveLength(1);
    });

    it('means nothing to reads, nor where nobody is known yet', async () => {
      const { cookie } = gateway.signedIn();
      await gateway.ask('GET', '/v1/organizations', { headers: { cookie, 'idempotency-key': 'one' } });
      await gateway.ask('PUT', `/v1/organizations/${randomUUID()}/name`, {
        headers: { cookie, 'idempotency-key': 'one' },
        body: { name: 'Lab' },
      });
      await gateway.ask('POST', '/v1/sign-ups', {
        headers: { cookie, 'idempotency-key': 'one' },
        body: { email: 'ada@example.com' },
      });
      for (const method of [
        'organization.Organizations.listOrganizations',
        'organization.Organizations.renameOrganization',
        'identity.SignUps.requestSignUp',
      ]) {
        expect(gateway.asked(method)).toHaveLength(1);
        expect(along(method)).not.toHaveProperty('rollcall-command');
      }
    });
  });

  describe('what a caller has written', () => {
    const list = (headers: Record<string, string>) =>
      gateway.ask('GET', '/v1/organizations', { headers: { cookie: gateway.signedIn().cookie, ...headers } });
    const LIST = 'organization.Organizations.listOrganizations';

    it('is waited for by reads, by header and by cookie, and not by commands', async () => {
      const { cookie } = gateway.signedIn();
      await list({ 'cookie': `${cookie}; __Host-rollcall-seen=key-2@7`, 'rollcall-seen': 'key-1@3' });
      expect(along(LIST)).toMatchObject({ 'rollcall-seen': 'key-1@3,key-2@7' });
      await list({ 'rollcall-seen': 'key 1; DROP' });
      expect(along(LIST)).not.toHaveProperty('rollcall-seen');
      await create(cookie, { 'rollcall-seen': 'key-1@3' });
      expect(along()).not.toHaveProperty('rollcall-seen');
    });

    it('is told to be missing where a list was answered without it', async () => {
      const late = await list({ 'rollcall-seen': 'organization-late@1' });
      expect([late.headers['rollcall-stale'], late.json]).toEqual(['true', { items: [], next: null, stale: true }]);
      const there = await list({});
      expect([there.headers['rollcall-stale'], there.json]).toEqual([undefined, { items: [], next: null }]);
    });
  });

  it('finds nothing by an id that can be none, in the words of the thing, and asks nobody', async () => {
    const { cookie } = gateway.signedIn();
    for (const [path, code] of [
      ['organizations/x/leave', 'organization/unknown'],
      ['projects/7/archive', 'project/unknown'],
      ['keys/..%2f/revoke', 'key/unknown'],
      ['jobs/x/cancel', 'job/unknown'],
      ['invitations/x/resend', 'invitation/unknown'],
      ['sessions/x/end', 'session/unknown'],
    ]) {
      expect([path, await gateway.ask('POST', `/v1/${path ?? ''}`, { headers: { cookie }, body: {} })]).toEqual([
        path,
        expect.objectContaining({ status: 404, code }),
      ]);
    }
  });

  it('points at each field that is wrong, in body and query', async () => {
    const { cookie } = gateway.signedIn();
    expect((await create(cookie, {}, { nam: 'Lab' })).json).toMatchObject({
      status: 400,
      code: 'request/invalid',
      errors: expect.arrayContaining([
        expect.objectContaining({ pointer: '/name' }),
        { pointer: '/nam', detail: 'is not known here' },
      ]) as unknown,
    });
    expect((await gateway.ask('GET', '/v1/organizations?limit=x', { headers: { cookie } })).json).toMatchObject({
      code: 'request/invalid',
      errors: [expect.objectContaining({ pointer: '/limit' })],
    });
    expect(gateway.asked(CREATE)).toEqual([]);
  });

  it('reads JSON that says so, of any type for clients of /v0.4, and nothing of a GET', async () => {
    const { cookie } = gateway.signedIn();
    expect(await create(cookie, { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      code: 'request/unsupported-media-type',
    });
    expect((await create(cookie, { 'content-type': 'Application/JSON; charset=utf-8' })).status).toBe(201);
    expect(
      await gateway.ask('DELETE', '/v0.4/jobs', {
        headers: { 'authorization': `apiKey ${gateway.key().secret}`, 'content-type': 'text/plain' },
        body: { ids: 7 },
      }),
    ).toMatchObject({ status: 400 });
    expect(
      (await gateway.ask('GET', '/v1/organizations', { headers: { cookie }, body: Buffer.from('{') })).status,
    ).toBe(200);
  });
});
