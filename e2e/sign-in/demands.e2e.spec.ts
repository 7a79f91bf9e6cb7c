import { TOTP } from 'otpauth';
import { eventually, PASSWORD, Product, type SignedUp, tokenIn, type Visitor } from '#testing';

const DAY = 86_400;
const BELL = {
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  shots: 100,
  input: { gateset: 'qis', qubits: 2, circuit: [{ gate: 'h', target: 0 }] },
};

/** Codes count on the machine's own clock, each once: of this step, and of the next for who needs a second one. */
const codeOf = (secret: string, steps = 0) => new TOTP({ secret }).generate({ timestamp: Date.now() + steps * 30_000 });

describe('what an organization asks of its people', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.start();
  });
  afterAll(() => product.dispose());

  const invitation = async (owner: SignedUp, email: string) => {
    expect(
      await owner.visitor.post(`/v1/organizations/${owner.organizationId}/invitations`, {
        email,
        projectIds: [owner.projectId],
      }),
    ).toMatchObject({ status: 201 });
    return tokenIn(await product.mail(email, /invited/));
  };
  const join = async (owner: SignedUp, email: string): Promise<Visitor> => {
    const visitor = product.visitor();
    const token = await invitation(owner, email);
    expect(await visitor.post('/v1/invitations/accept', { token, name: 'Bob', password: PASSWORD })).toMatchObject({
      status: 201,
    });
    return visitor;
  };
  const setUp = async (visitor: Visitor): Promise<string> => {
    const begun = await visitor.post('/v1/account/authenticators', { name: 'Phone' });
    expect(begun).toMatchObject({ status: 201 });
    const secret = begun.body.secret as string;
    expect(
      await visitor.post(`/v1/account/authenticators/${begun.body.id as string}/confirm`, { code: codeOf(secret) }),
    ).toMatchObject({ status: 201 });
    return secret;
  };
  const refused = (status: number, code: string) => ({ status, body: { code } });

  it('ends the sessions of its members after 30 minutes without them, and they cannot turn that off', async () => {
    const [ada, eve] = [await product.signUp('ada@example.com'), await product.signUp('eve@example.com')];
    const bob = await join(ada, 'bob@example.com');
    const at = `/v1/organizations/${ada.organizationId}`;
    const isRequired = async (visitor: Visitor) =>
      (await visitor.get('/v1/account')).body.idleTimeout.requiredByOrganization as boolean;

    expect(await bob.put(`${at}/idle-timeout`, { required: true })).toMatchObject(
      refused(403, 'organization/owner-required'),
    );
    expect(await ada.visitor.put(`${at}/idle-timeout`, { required: true })).toMatchObject({
      status: 200,
      body: { id: ada.organizationId, idleTimeout: { required: true }, enforced: true },
    });
    expect([await isRequired(bob), await isRequired(ada.visitor), await isRequired(eve.visitor)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(await bob.put('/v1/account/idle-timeout', { enabled: false })).toMatchObject(
      refused(409, 'session/time-out-required'),
    );
    expect((await bob.get('/v1/sessions/current')).body.idleEndsAt).not.toBeNull();

    await product.advance(29 * 60);
    expect(await bob.get('/v1/account')).toMatchObject({ status: 200 });
    await product.advance(31 * 60);
    expect(await bob.get('/v1/account')).toMatchObject(refused(401, 'session/required'));
    expect(await eve.visitor.get('/v1/account')).toMatchObject({ status: 200 });

    const begun = await bob.post('/v1/sessions', { email: 'bob@example.com', password: PASSWORD });
    expect(begun).toMatchObject({ status: 201, body: { account: { idleTimeout: { requiredByOrganization: true } } } });
    expect(await bob.post(`${at}/leave`)).toMatchObject({ status: 200, body: { enforced: true } });
    expect(await isRequired(bob)).toBe(false);
    await product.advance(31 * 60);
    expect(await bob.get('/v1/account')).toMatchObject({ status: 200 });
  });

  it('confines sessions of members who lack a second factor when its day has come; keys go on, and a factor frees them', async () => {
    const [ada, cleo] = [await product.signUp('ada2@example.com'), await product.signUp('cleo2@example.com')];
    const at = `/v1/organizations/${ada.organizationId}`;
    const demand = (visitor: Visitor, body: object) => visitor.put(`${at}/second-factor`, body);
    const bob = await join(ada, 'bob2@example.com');
    const key = await bob.post('/v1/keys', { name: 'laptop', projectId: ada.projectId });
    expect(key).toMatchObject({ status: 201 });
    const headers = { authorization: `apiKey ${key.body.secret as string}` };

    expect(await demand(bob, { required: true })).toMatchObject(refused(403, 'organization/owner-required'));
    expect(await demand(ada.visitor, { required: true })).toMatchObject(
      refused(409, 'organization/second-factor-required'),
    );
    const secret = await setUp(ada.visitor);
    expect(await demand(ada.visitor, { required: true, from: new Date().toISOString() })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/from' }] },
    });
    const asked = await demand(ada.visitor, { required: true });
    expect(asked).toMatchObject({ status: 200, body: { secondFactor: { required: true }, enforced: true } });
    expect((await ada.visitor.get(at)).body).toMatchObject({ secondFactor: asked.body.secondFactor as object });
    expect((await bob.get('/v1/account/security')).body.multiFactor).toEqual({
      enabled: false,
      demandedBy: [ada.organizationId],
    });
    expect(await bob.get(at)).toMatchObject({ status: 200 });
    const [token, unborn] = [await invitation(ada, 'cleo2@example.com'), await invitation(ada, 'dora2@example.com')];

    await product.advance(7 * DAY + 60);
    for (const path of [
      '/v1/account',
      '/v1/account/security',
      '/v1/sessions',
      '/v1/sessions/current',
      '/v1/organizations',
    ])
      expect([path, await bob.get(path)]).toMatchObject([path, { status: 200 }]);
    const confined = refused(403, 'session/second-factor-required');
    for (const path of [at, `/v1/keys?organizationId=${ada.organizationId}`, '/v1/account/inactivity'])
      expect([path, await bob.get(path)]).toMatchObject([path, confined]);
    expect(await bob.put('/v1/account/name', { name: 'Robert' })).toMatchObject(confined);
    expect(await bob.post('/v1/keys', { name: 'more', projectId: ada.projectId })).toMatchObject(confined);
    // Anybody may ask this one; a confined session gets no further by it.
    expect(await bob.post('/v1/invitations/accept', { token })).toMatchObject(confined);
    expect(await product.visitor().post('/v0.4/jobs', BELL, headers)).toMatchObject({ status: 201 });
    expect(await ada.visitor.get(at)).toMatchObject({ status: 200 });

    // Who has an account joins once it has a factor; who has none gets one by the link first.
    const accept = () => cleo.visitor.post('/v1/invitations/accept', { token });
    expect(await accept()).toMatchObject(refused(409, 'organization/second-factor-required'));
    await cleo.visitor.post('/v1/sessions/current/prove', { password: PASSWORD });
    await setUp(cleo.visitor);
    expect(await accept()).toMatchObject({ status: 200, body: { organization: { id: ada.organizationId } } });
    const dora = product.visitor();
    const begin = { token: unborn, name: 'Dora', password: PASSWORD };
    expect(await dora.post('/v1/invitations/accept', begin)).toMatchObject(
      refused(409, 'organization/second-factor-required'),
    );
    await setUp(dora);
    expect(await dora.post('/v1/invitations/accept', { token: unborn })).toMatchObject({ status: 200 });

    expect(await bob.post('/v1/account/authenticators', { name: 'Phone' })).toMatchObject(
      refused(403, 'session/proof-required'),
    );
    expect(await bob.post('/v1/sessions/current/prove', { password: PASSWORD })).toMatchObject({ status: 200 });
    await setUp(bob);
    expect(await bob.get(at)).toMatchObject({ status: 200 });
    expect(await bob.put('/v1/account/multi-factor', { enabled: false })).toMatchObject(
      refused(409, 'factor/demanded'),
    );

    // What makes somebody an owner, and what is asked of people, wants a proof of its own.
    const proof = refused(403, 'session/proof-required');
    const account = (await bob.get('/v1/account')).body.id as string;
    const role = (wanted: string) => ada.visitor.post(`${at}/members/${account}/change-role`, { role: wanted });
    const invite = (wanted: string) =>
      ada.visitor.post(`${at}/invitations`, { email: 'friend2@example.com', role: wanted });
    expect(await demand(ada.visitor, { required: false })).toMatchObject(proof);
    expect([await role('owner'), await invite('owner')]).toMatchObject([proof, proof]);
    expect([await role('member'), await invite('member')]).toMatchObject([{ status: 200 }, { status: 201 }]);
    const proved = await ada.visitor.post('/v1/sessions/current/prove', {
      password: PASSWORD,
      code: codeOf(secret, 1),
    });
    expect(proved).toMatchObject({ status: 200 });
    expect(await role('owner')).toMatchObject({ status: 200 });
    expect(await demand(ada.visitor, { required: false })).toMatchObject({
      status: 200,
      body: { secondFactor: { required: false, from: null } },
    });
    const told = await eventually(
      () =>
        ada.visitor.get(
          `/v1/events?organizationId=${ada.organizationId}&types=SecondFactorRequired.v1,SecondFactorWaived.v1`,
        ),
      ({ body }) => body.items.length === 2,
    );
    expect(told.body.items).toMatchObject([{ data: { from: asked.body.secondFactor.from as string } }, {}]);
    expect((await bob.get('/v1/account/security')).body.multiFactor).toEqual({ enabled: true, demandedBy: [] });
  });
});
