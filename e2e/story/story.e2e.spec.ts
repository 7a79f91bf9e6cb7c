import { type Answer, eventually, Product, type SignedUp, tokenIn, type Visitor, type Way } from '#testing';

const DAY = 86_400;
const BELL = {
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  shots: 100,
  input: {
    gateset: 'qis',
    qubits: 2,
    circuit: [
      { gate: 'h', target: 0 },
      { gate: 'cnot', control: 0, target: 1 },
    ],
  },
};

/** docs/flows/the-story.md, step by step, in one process and in one for each service. */
describe.each<Way>([{ script: 'start' }, { script: 'start:services' }])('the story on npm run $script', (way) => {
  let product: Product;
  let ada: SignedUp;
  let key: { id: string; secret: string };
  const withKey = (secret = key.secret) => ({ authorization: `apiKey ${secret}` });
  const call = (visitor: Visitor, path: string, secret = key.secret): Promise<Answer> =>
    visitor.get(path, withKey(secret));

  /** A key; on a busy machine what it builds on may be late, which is a 503 and never a refusal. */
  const made = (visitor: Visitor, wanted: object): Promise<Answer> =>
    eventually(
      async () => {
        const answer = await visitor.post('/v1/keys', wanted);
        expect([201, 503]).toContain(answer.status);
        return answer;
      },
      ({ status }) => status === 201,
    );

  beforeAll(async () => {
    product = await Product.start({}, way);
  });
  afterAll(() => product.dispose());

  it('signs somebody up by a mailed link that works once', async () => {
    const visitor = product.visitor();
    expect((await visitor.post('/v1/sign-ups', { email: 'ada@example.com' })).status).toBe(202);
    const token = tokenIn(await product.mail('ada@example.com', /./));
    const made = await visitor.post('/v1/sign-ups/verify', { token, name: 'Ada', password: 'a long walk in the rain' });
    expect(made.status).toBe(201);
    ada = {
      visitor,
      accountId: made.body.account.id,
      organizationId: made.body.organization.id,
      projectId: made.body.project.id,
    };
    expect(
      (await visitor.post('/v1/sign-ups/verify', { token, name: 'Eve', password: 'a long walk in the rain' })).body
        .code,
    ).toBe('link/unknown');
    expect((await visitor.get('/v1/account')).body).toMatchObject({ email: 'ada@example.com', name: 'Ada' });
  });

  it('makes a key in the first project at once, and shows its secret once', async () => {
    const { body } = await made(ada.visitor, { name: 'laptop', projectId: ada.projectId });
    key = { id: body.key.id, secret: body.secret };
    expect(JSON.stringify((await ada.visitor.get('/v1/keys')).body)).not.toContain(key.secret);
  });

  it('runs a job of a client that knows nothing but the key', async () => {
    const job = await product.visitor().post('/v0.4/jobs', BELL, withKey());
    expect(job.status).toBe(201);
    await eventually(
      () => call(product.visitor(), `/v0.4/jobs/${job.body.id as string}`),
      ({ body }) => body.status === 'completed',
    );
    expect((await call(product.visitor(), `/v0.4/jobs/${job.body.id as string}/results/probabilities`)).body).toEqual({
      0: 0.5,
      3: 0.5,
    });
  });

  it('shows when the key was last used, within ten seconds', async () => {
    await eventually(
      () => ada.visitor.get(`/v1/keys/${key.id}`),
      ({ body }) => body.lastUsedAt !== null,
      10_000,
    );
  });

  it('brings a colleague in by invitation, and takes the keys of whoever is removed', async () => {
    const invited = await ada.visitor.post(`/v1/organizations/${ada.organizationId}/invitations`, {
      email: 'bob@example.com',
      projectIds: [ada.projectId],
    });
    expect(invited.status).toBe(201);
    const token = tokenIn(await product.mail('bob@example.com', /./));
    const bob = product.visitor();
    expect((await bob.post('/v1/invitations/look', { token })).body).toMatchObject({ next: 'create', role: 'member' });
    const joined = await bob.post('/v1/invitations/accept', { token, name: 'Bob', password: 'a quiet river at night' });
    expect(joined.status).toBe(201);
    expect(
      (
        await product
          .visitor()
          .post('/v1/invitations/accept', { token, name: 'Eve', password: 'a quiet river at night' })
      ).body.code,
    ).toBe('link/unknown');
    const { body: bobs } = await made(bob, { name: 'bob', projectId: ada.projectId });
    expect((await call(product.visitor(), '/v0.4/whoami', bobs.secret)).status).toBe(200);
    const removed = await ada.visitor.post(
      `/v1/organizations/${ada.organizationId}/members/${joined.body.account.id as string}/remove`,
    );
    expect(removed).toMatchObject({ status: 200, body: { enforced: true } });
    expect((await call(product.visitor(), '/v0.4/whoami', bobs.secret)).status).toBe(401);
  });

  it('accepts no request sent after a revoke returned, while the key is in use; queued jobs still run', async () => {
    const jobs = await Promise.all(
      Array.from({ length: 5 }, () => product.visitor().post('/v0.4/jobs', BELL, withKey())),
    );
    let returned = false;
    let acceptedAfter = 0;
    let accepted = 0;
    const hammer = async () => {
      for (let refused = 0; refused < 5;) {
        const sentAfter = returned;
        const { status } = await call(product.visitor(), '/v0.4/whoami');
        if (status === 200) accepted++;
        if (status === 200 && sentAfter) acceptedAfter++;
        if (status === 401) refused++;
      }
    };
    const hammers = Array.from({ length: 8 }, hammer);
    await eventually(
      async () => ({ status: accepted, headers: new Headers(), body: {} }),
      ({ status }) => status > 20,
    );
    const revoked = await ada.visitor.post(`/v1/keys/${key.id}/revoke`);
    returned = true;
    expect(revoked).toMatchObject({ status: 200, body: { enforced: true, key: { status: 'revoked' } } });
    await Promise.all(hammers);
    expect(acceptedAfter).toBe(0);
    for (const job of jobs)
      await eventually(
        () => ada.visitor.get(`/v1/jobs?projectId=${ada.projectId}`),
        ({ body }) =>
          body.items.some(
            (item: { id: string; status: string }) => item.id === job.body.id && item.status === 'completed',
          ),
      );
  });

  it('ends a session after 30 minutes without its person, once that is switched on', async () => {
    await ada.visitor.put('/v1/account/idle-timeout', { enabled: true });
    await product.advance(29 * 60);
    expect((await ada.visitor.get('/v1/account', { 'rollcall-background': '1' })).status).toBe(200);
    await product.advance(2 * 60);
    expect((await ada.visitor.get('/v1/account')).status).toBe(401);
    expect(
      (await ada.visitor.post('/v1/sessions', { email: 'ada@example.com', password: 'a long walk in the rain' }))
        .status,
    ).toBe(201);
  });

  it('warns after 166 days and suspends after 180, with notice served; keys are kept and refused', async () => {
    const {
      body: { secret },
    } = await made(ada.visitor, { name: 'kept', projectId: ada.projectId });
    await product.advance(167 * DAY);
    const warning = await product.mail('ada@example.com', /inactivity/i);
    expect(warning.text).toMatch(/\/sign-in/);
    await product.advance(15 * DAY);
    // Asking with the key before that would be activity, and there would be no suspension.
    await product.mail('ada@example.com', /was suspended/i);
    expect((await call(product.visitor(), '/v0.4/whoami', secret)).status).toBe(403);
    expect(
      (await ada.visitor.post('/v1/sessions', { email: 'ada@example.com', password: 'a long walk in the rain' })).body
        .code,
    ).toBe('account/suspended');
  });

  it('keeps all of it over a kill -9 and a restart', async () => {
    const bea = await product.signUp('bea@example.com', 'Bea');
    const { body } = await made(bea.visitor, { name: 'before', projectId: bea.projectId });
    await product.end('SIGKILL');
    await product.begin();
    expect((await bea.visitor.get('/v1/account')).body).toMatchObject({ name: 'Bea' });
    expect((await call(product.visitor(), '/v0.4/whoami', body.secret)).status).toBe(200);
  });

  it('ends cleanly on Ctrl-C', async () => {
    expect(await product.end('SIGINT')).toBe(0);
  });
});
