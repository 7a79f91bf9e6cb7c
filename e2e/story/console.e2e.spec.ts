import { eventually, PASSWORD, Product, type SignedUp } from '#testing';

const DAY = 86_400;
const BELL = {
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  shots: 1_000,
  noise: { model: 'aria-1', seed: 7 },
  settings: { note: 'first' },
  input: {
    gateset: 'qis',
    qubits: 2,
    circuit: [
      { gate: 'h', target: 0 },
      { gate: 'cnot', control: 0, target: 1 },
    ],
  },
};
const credentials = { email: 'ada@example.com', password: PASSWORD };

/** What pages of a console show that no other client asks for. */
describe('a console', () => {
  let product: Product;
  let ada: SignedUp;
  let key: { id: string; secret: string };
  beforeAll(async () => {
    product = await Product.start();
    ada = await product.signUp(credentials.email, 'Ada');
    const expiresAt = new Date(Date.now() + 30 * DAY * 1000).toISOString();
    const { body } = await ada.visitor.post('/v1/keys', { name: 'laptop', projectId: ada.projectId, expiresAt });
    key = { id: body.key.id, secret: body.secret };
  });
  afterAll(() => product.dispose());

  it('shows a job with its results, whose it is and by which key; lists and counts it by what is asked for', async () => {
    const { body: submitted } = await product
      .visitor()
      .post('/v0.4/jobs', BELL, { authorization: `apiKey ${key.secret}` });
    const at = `/v1/jobs/${submitted.id as string}`;
    const { body: job } = await eventually(
      () => ada.visitor.get(at),
      ({ body }) => body.status === 'completed',
    );
    expect(job).toMatchObject({
      submitter: { id: ada.accountId, name: 'Ada' },
      key: { id: key.id, name: 'laptop' },
      qubits: 2,
      noiseModel: 'aria-1',
      settings: { note: 'first' },
      childJobIds: [],
      parentJobId: null,
      failure: null,
    });
    const { probabilities, counts, states } = job.results as Record<string, Record<string, number>>;
    expect(Object.values(counts ?? {}).reduce((sum, count) => sum + count)).toBe(1_000);
    expect(Object.keys(probabilities ?? {})).toHaveLength(Number(states));
    const day = (job.submittedAt as string).slice(0, 10);
    const [none, all] = [`keyId=${ada.projectId}`, `keyId=${key.id}&accountId=${ada.accountId}&from=${day}&to=${day}`];
    const place = `organizationId=${ada.organizationId}&projectId=${ada.projectId}`;
    expect((await ada.visitor.get(`/v1/jobs?${place}&${all}`)).body.items).toMatchObject([{ id: submitted.id }]);
    expect((await ada.visitor.get(`/v1/jobs?${none}`)).body.items).toEqual([]);
    const counted = { day, completed: 1, failed: 0, canceled: 0, open: 0 };
    for (const query of ['', `?${place}&${all}`, '?status=completed'])
      expect((await ada.visitor.get(`/v1/jobs/days${query}`)).body.items).toEqual([counted]);
    expect((await ada.visitor.get('/v1/jobs/days?status=failed')).body.items).toEqual([]);
    expect((await ada.visitor.get('/v1/jobs/days?from=2020-01-01')).body).toMatchObject({
      code: 'request/invalid',
      errors: [{ pointer: '/from' }],
    });
    const eve = await product.signUp('eve@example.com', 'Eve');
    expect((await eve.visitor.get(`/v1/jobs/days?organizationId=${ada.organizationId}`)).body.code).toBe(
      'organization/unknown',
    );
    expect((await eve.visitor.get(at)).body.code).toBe('job/unknown');
    expect((await eve.visitor.get('/v1/jobs/days')).body.items).toEqual([]);
  });

  it('has holders mailed 14 days and 3 days before a key expires, with the way to it', async () => {
    await product.advance(16 * DAY + 60);
    const first = await product.mail(credentials.email, /expires in 14 days/);
    expect(first.text).toContain(`/keys/${key.id}\n`);
    expect(first.text).toContain('"laptop" of the project "First project"');
    await product.advance(11 * DAY);
    await product.mail(credentials.email, /expires in 3 days/);
    const { body } = await product.visitor().get(`/dev/mail?to=${credentials.email}`);
    expect((body.items as { subject: string }[]).filter(({ subject }) => subject.includes('expires'))).toHaveLength(2);
  });

  it('welcomes back once who signs in after a warning: until when the account stays active', async () => {
    const signIn = async () => (await product.visitor().post('/v1/sessions', credentials)).body;
    expect(await signIn()).toMatchObject({ stayActiveUntil: null });
    await product.advance(167 * DAY);
    await product.mail(credentials.email, /inactivity/i);
    const visitor = product.visitor();
    const { session, stayActiveUntil } = (await visitor.post('/v1/sessions', credentials)).body;
    const days = (Date.parse(stayActiveUntil) - Date.parse(session.createdAt)) / (DAY * 1000);
    expect([days > 180, days <= 181]).toEqual([true, true]);
    // Known once the fact of the sign-in has come to the policy.
    await eventually(
      () => visitor.get('/v1/account/inactivity'),
      ({ body }) => body.status === 'active',
    );
    expect(await signIn()).toMatchObject({ stayActiveUntil: null });
  });

  it('says since when an account is suspended, and by what, to whoever has proved to be its holder alone', async () => {
    await product.advance(167 * DAY);
    await eventually(
      () => product.visitor().get(`/dev/mail?to=${credentials.email}`),
      ({ body }) =>
        (body.items as { subject: string }[]).filter(({ subject }) => subject.includes('inactivity')).length >= 2,
    );
    await product.advance(15 * DAY);
    await product.mail(credentials.email, /was suspended/i);
    const refused = await product.visitor().post('/v1/sessions', credentials);
    expect(refused).toMatchObject({ status: 403, body: { code: 'account/suspended', reason: 'inactivity' } });
    expect(Date.parse(refused.body.since)).not.toBeNaN();
    const guessed = await product.visitor().post('/v1/sessions', { ...credentials, password: 'another long walk' });
    expect([guessed.status, guessed.body.since, guessed.body.reason]).toEqual([401, undefined, undefined]);
  });
});
