import { eventually, type SignedUp, tokenIn } from '#testing';
import { ask, companyOf, type Provisioned, provisioned, scim, type Speaking, through } from './scim.fixture.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

describe('people whom an identity provider keeps by SCIM', () => {
  let world: Provisioned;
  let owner: SignedUp;
  let connectionId: string;
  let provider: Speaking;
  beforeAll(async () => {
    world = await provisioned();
    ({ owner, connectionId } = await companyOf(world, 'acme.example'));
    const made = await owner.visitor.post(`/v1/connections/${connectionId}/scim-tokens`, {});
    expect(made).toMatchObject({ status: 201, body: { accountId: owner.accountId, subject: 'externalId' } });
    provider = { token: made.body.secret as string, origin: world.product.origin };
    expect(await owner.visitor.post(`/v1/connections/${connectionId}/enforce`)).toMatchObject({ status: 200 });
  });
  afterAll(() => world.stop());

  /** Somebody whom the provider keeps, signs in, and makes a key in the owner's project. */
  const employee = async (name: string) => {
    const email = `${name}@acme.example`;
    const created = await scim(provider, 'POST', 'Users', {
      schemas: [USER],
      userName: email,
      externalId: name,
      active: true,
      emails: [{ primary: true, value: email, type: 'work' }],
    });
    expect(created.status).toBe(201);
    const visitor = world.product.visitor();
    const signedIn = await through(world, visitor, connectionId, { sub: name, email, name });
    expect(signedIn).toMatchObject({ status: 201, body: { account: { email } } });
    const accountId = signedIn.body.account.id as string;
    await owner.visitor.post(`/v1/projects/${owner.projectId}/add-member`, { accountId });
    const key = await visitor.post('/v1/keys', { name: 'Laptop', projectId: owner.projectId });
    expect(key.status).toBe(201);
    return { visitor, accountId, email, userId: created.body.id as string, secret: key.body.secret as string };
  };
  const atEveryGateway = (secret: string) => Promise.all(world.origins.map((origin) => ask(origin, secret)));
  const works = [200, 200];
  const refusedKey = { status: 401, code: 'key/refused' };
  const shut = [
    { status: 403, code: 'member/deactivated' },
    { status: 403, code: 'member/deactivated' },
  ];

  it('become members at their first sign-in, are shut out at every gateway before the answer, and come back', async () => {
    const stranger = world.product.visitor();
    expect(await through(world, stranger, connectionId, { sub: 'eve', email: 'eve@acme.example' })).toMatchObject({
      status: 403,
      body: { code: 'sign-in/not-a-member' },
    });
    const carol = await employee('carol');
    expect((await atEveryGateway(carol.secret)).map(({ status }) => status)).toEqual(works);

    const off = await scim(provider, 'PATCH', `Users/${carol.userId}`, {
      schemas: [PATCH],
      Operations: [{ op: 'Replace', path: 'active', value: 'False' }],
    });
    expect(await atEveryGateway(carol.secret)).toEqual(shut);
    expect(off).toMatchObject({ status: 200, body: { id: carol.userId, active: false } });
    const at = `/v1/organizations/${owner.organizationId}`;
    expect(await carol.visitor.get(at)).toMatchObject({ status: 403, body: { code: 'member/deactivated' } });
    expect(await carol.visitor.post('/v1/keys', { name: 'Another', projectId: owner.projectId })).toMatchObject({
      status: 403,
      body: { code: 'member/deactivated' },
    });

    const on = await scim(provider, 'PATCH', `Users/${carol.userId}`, {
      schemas: [PATCH],
      Operations: [{ op: 'replace', value: { active: true } }],
    });
    expect(on).toMatchObject({ status: 200, body: { active: true } });
    expect((await atEveryGateway(carol.secret)).map(({ status }) => status)).toEqual(works);
    expect(await carol.visitor.get(at)).toMatchObject({ status: 200 });
  });

  it('are whole when Okta replaces them, and are found by userName in any case', async () => {
    const dan = await employee('dan');
    const found = await scim(provider, 'GET', `Users?filter=${encodeURIComponent('userName eq "DAN@acme.example"')}`);
    expect(found).toMatchObject({
      status: 200,
      body: { totalResults: 1, startIndex: 1, itemsPerPage: 1, Resources: [{ id: dan.userId, externalId: 'dan' }] },
    });
    expect(found.headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
    const replaced = await scim(
      provider,
      'PUT',
      `Users/${dan.userId}`,
      {
        schemas: [USER],
        id: dan.userId,
        userName: dan.email,
        externalId: 'dan',
        name: { givenName: 'Dan', familyName: 'Ng' },
        emails: [{ primary: true, value: dan.email, type: 'work' }],
        active: false,
        groups: [],
      },
      'application/json',
    );
    expect(replaced).toMatchObject({
      status: 200,
      body: { active: false, name: { givenName: 'Dan', familyName: 'Ng' }, meta: { resourceType: 'User' } },
    });
    expect(await atEveryGateway(dan.secret)).toEqual(shut);
    expect((await dan.visitor.get('/v1/organizations')).body.items).toContainEqual(
      expect.objectContaining({ id: owner.organizationId, status: 'deactivated' }),
    );
    expect((await owner.visitor.get(`/v1/organizations/${owner.organizationId}/members`)).body.items).toContainEqual(
      expect.objectContaining({ accountId: dan.accountId, status: 'deactivated' }),
    );
  });

  it('are removed with their keys when they are deleted, and come back by a younger invitation alone', async () => {
    const erin = await employee('erin');
    expect((await scim(provider, 'DELETE', `Users/${erin.userId}`)).status).toBe(204);
    expect(await atEveryGateway(erin.secret)).toEqual([refusedKey, refusedKey]);
    expect((await scim(provider, 'GET', `Users/${erin.userId}`)).body).toMatchObject({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '404',
    });
    const signIn = () => through(world, world.product.visitor(), connectionId, { sub: 'erin', email: erin.email });
    expect(await signIn()).toMatchObject({ status: 403, body: { code: 'sign-in/not-a-member' } });
    await scim(provider, 'POST', 'Users', { userName: erin.email, externalId: 'erin' });
    expect(await signIn()).toMatchObject({ status: 201, body: { account: { id: erin.accountId } } });
  });

  it('are one each: the same userName, or the same person, is a conflict', async () => {
    const same = { userName: 'frank@acme.example', externalId: 'frank' };
    expect((await scim(provider, 'POST', 'Users', same)).status).toBe(201);
    for (const other of [
      same,
      { ...same, userName: 'FRANK@acme.example', externalId: 'x' },
      { ...same, userName: 'f' },
    ])
      expect(await scim(provider, 'POST', 'Users', other)).toMatchObject({
        status: 409,
        body: { scimType: 'uniqueness', status: '409' },
      });
    const { body: other } = await scim(provider, 'POST', 'Users', { userName: 'grace', externalId: 'grace' });
    expect(
      await scim(provider, 'PATCH', `Users/${other.id as string}`, {
        Operations: [{ op: 'replace', path: 'externalId', value: 'frank' }],
      }),
    ).toMatchObject({ status: 409, body: { scimType: 'uniqueness' } });
  });

  it('never leave the organization without an owner', async () => {
    const heidi = await employee('heidi');
    const at = `/v1/organizations/${owner.organizationId}/members`;
    await owner.visitor.post(`${at}/${heidi.accountId}/change-role`, { role: 'owner' });
    const demoted = await heidi.visitor.post(`${at}/${owner.accountId}/change-role`, { role: 'member' });
    expect(demoted.status).toBe(200);
    const last = { status: 409, body: { status: '409', detail: expect.stringContaining('organization/last-owner') } };
    expect(
      await scim(provider, 'PATCH', `Users/${heidi.userId}`, {
        Operations: [{ op: 'replace', value: { active: false } }],
      }),
    ).toMatchObject(last);
    expect(await scim(provider, 'DELETE', `Users/${heidi.userId}`)).toMatchObject(last);
    // Whoever made the token owns nothing any more: it shuts out as before, and invites nobody.
    expect(await scim(provider, 'POST', 'Users', { userName: 'ivan', externalId: 'ivan' })).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('organization/owner-required') },
    });
    await heidi.visitor.post(`${at}/${owner.accountId}/change-role`, { role: 'owner' });
  });

  it('are nobody to the token of another organization, to a revoked one and to none', async () => {
    const other = await companyOf(world, 'other.example');
    const tokens = `/v1/connections/${other.connectionId}/scim-tokens`;
    const made = (await other.owner.visitor.post(tokens, { subject: 'userName' })).body as Record<
      'id' | 'secret',
      string
    >;
    const stranger = { token: made.secret, origin: provider.origin };
    const { body: judy } = await scim(provider, 'POST', 'Users', { userName: 'judy', externalId: 'judy' });
    for (const [method, body] of [
      ['GET', undefined],
      ['PUT', { userName: 'mallory' }],
      ['PATCH', { Operations: [{ op: 'replace', path: 'active', value: false }] }],
      ['DELETE', undefined],
    ] as const)
      expect((await scim(stranger, method, `Users/${judy.id as string}`, body)).status).toBe(404);
    expect((await scim(stranger, 'GET', 'Users')).body.totalResults).toBe(0);
    expect((await other.owner.visitor.post(`${tokens}/${made.id}/revoke`)).body.revokedAt).not.toBeNull();
    for (const token of [made.secret, 'rcscim_nonsense', `rcscim_${'A'.repeat(43)}`, '']) {
      const answer = await scim({ token, origin: provider.origin }, 'GET', 'Users');
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="Rollcall"']);
      expect(answer.body).toMatchObject({ status: '401', schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'] });
    }
    expect(JSON.stringify((await other.owner.visitor.get(tokens)).body)).not.toContain(made.secret);
  });

  it('are asked for in words that are judged: filters, pages, sizes and types', async () => {
    const list = (query: string) => scim(provider, 'GET', `Users?${query}`);
    const filtered = (filter: string) => list(`filter=${encodeURIComponent(filter)}`);
    expect(await filtered(`userName eq "a" or userName sw ""`)).toMatchObject({
      status: 400,
      body: { scimType: 'invalidFilter' },
    });
    expect((await filtered(`userName eq "' OR 1=1 --"`)).body).toMatchObject({ totalResults: 0, Resources: [] });
    const { body: all } = await list('count=0');
    expect(all).toMatchObject({ itemsPerPage: 0, Resources: [] });
    expect((await list('startIndex=2147483647&count=5')).body).toMatchObject({
      totalResults: all.totalResults as number,
      Resources: [],
    });
    expect((await list('startIndex=-5&count=-1')).body).toMatchObject({ startIndex: 1, Resources: [] });
    expect((await list('startIndex=x')).status).toBe(400);
    const post = (body: string, type?: string) => scim(provider, 'POST', 'Users', body, type);
    expect((await post(`{"userName":"${'x'.repeat(70_000)}"}`)).status).toBe(413);
    expect((await post(`${'['.repeat(5_000)}${']'.repeat(5_000)}`)).status).toBe(400);
    expect((await post('{"userName":"a","userName":"b"}')).status).toBe(400);
    expect((await post('{"userName":"kim"}', 'text/plain')).body).toMatchObject({ status: '415' });
    expect((await scim(provider, 'GET', 'Users/nonsense')).status).toBe(404);
    expect((await scim(provider, 'GET', 'Groups')).body).toMatchObject({ status: '404' });
    expect((await scim(provider, 'GET', 'ServiceProviderConfig')).body.patch).toEqual({ supported: true });
    expect((await scim(provider, 'GET', 'ResourceTypes')).body.totalResults).toBe(1);
    expect((await scim(provider, 'GET', 'Schemas')).body.Resources[0].id).toBe(USER);
  });

  it('are alone in it where it takes no guests: these are shut out as long as that is so', async () => {
    const company = await companyOf(world, 'closed.example');
    const { visitor, organizationId, projectId } = company.owner;
    const guest = await world.product.signUp('guest@elsewhere.example');
    const at = `/v1/organizations/${organizationId}`;
    const invite = (email: string) => visitor.post(`${at}/invitations`, { email, projectIds: [projectId] });
    await invite('guest@elsewhere.example');
    await guest.visitor.post('/v1/invitations/accept', {
      token: tokenIn(await world.product.mail('guest@elsewhere.example', /invited/)),
    });
    const { secret } = (await guest.visitor.post('/v1/keys', { name: 'Laptop', projectId })).body as { secret: string };
    const settle = (guests: 'allowed' | 'none') =>
      visitor.put(`/v1/connections/${company.connectionId}/settings`, {
        sessionHours: 24,
        justInTime: false,
        guests,
        breakGlassAccountId: company.owner.accountId,
      });
    expect(await settle('none')).toMatchObject({ status: 200 });
    expect((await atEveryGateway(secret)).map(({ status }) => status)).toEqual(works);
    expect(await visitor.post(`/v1/connections/${company.connectionId}/enforce`)).toMatchObject({ status: 200 });
    expect(await atEveryGateway(secret)).toEqual(shut);
    const late = await world.product.signUp('late@elsewhere.example');
    await invite('late@elsewhere.example');
    expect(
      await late.visitor.post('/v1/invitations/accept', {
        token: tokenIn(await world.product.mail('late@elsewhere.example', /invited/)),
      }),
    ).toMatchObject({ status: 403, body: { code: 'member/deactivated' } });
    expect(await settle('allowed')).toMatchObject({ status: 200 });
    const back = (answers: readonly { status: number }[]) => answers.every(({ status }) => status === 200);
    await eventually(
      async () => ({ status: 0, body: await atEveryGateway(secret) }),
      ({ body }) => back(body),
    );
    expect(await settle('none')).toMatchObject({ status: 200 });
    expect(await atEveryGateway(secret)).toEqual(shut);
    await visitor.post(`/v1/connections/${company.connectionId}/turn-off`);
    await eventually(
      async () => ({ status: 0, body: await atEveryGateway(secret) }),
      ({ body }) => back(body),
    );
  });
});
