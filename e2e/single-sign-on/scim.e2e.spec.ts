import type { SignedUp } from '#testing';
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
});
