import { randomUUID } from 'node:crypto';
import { ionqRoutes, type jobQueue, type Route, routes } from '#contracts';
import { type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

const job = (more: Partial<jobQueue.Job> = {}): jobQueue.Job => ({
  jobId: randomUUID(),
  projectId: randomUUID(),
  accountId: randomUUID(),
  keyId: randomUUID(),
  status: 'completed',
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  dryRun: false,
  shots: 3,
  submittedAt: '2026-01-01T00:00:00.000Z',
  childJobIds: [],
  metadata: '{}',
  settings: '{}',
  noise: '{"model":"aria-1"}',
  stats: '{"qubits":2}',
  output: '{}',
  projectName: '',
  hasSamples: true,
  ...more,
});

describe('/v0.4', () => {
  let gateway: GatewayHarness;
  let known: jobQueue.Job;
  beforeAll(async () => {
    gateway = await gatewayHarness({
      'job-queue': {
        Jobs: {
          listJobs: async () => ({ items: [job()] }),
          getJob: async () => known,
          getSamples: async function* ({ form }) {
            yield { samples: Buffer.from(form) };
          },
          getProbabilities: async function* () {
            yield { probabilities: Buffer.from('probabilities') };
          },
        },
      },
    });
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.forget();
    known = job();
  });

  const ask = (path: string, headers: Record<string, string> = {}) =>
    gateway.ask('GET', path, { headers: { authorization: `apiKey ${gateway.key().secret}`, ...headers } });
  const LIST = 'job-queue.Jobs.listJobs';
  const seen = async (agent?: string) =>
    (await ask(`/v0.4/jobs/${known.jobId}`, agent === undefined ? {} : { 'user-agent': agent })).json as Record<
      string,
      unknown
    >;

  describe('a filter of a list', () => {
    it.each([
      '/v0.4/jobs?bogus=1',
      '/v0.4/jobs?project_id=1',
      '/v0.4/jobs?status=bogus',
      '/v0.4/jobs?status=COMPLETED',
      '/v0.4/jobs?status=',
      '/v0.4/jobs?status=completed&status=failed',
      '/v0.4/jobs?session_id=a&session_id=b',
      '/v0.4/jobs?limit=1e400',
      '/v0.4/jobs?limit=1001',
      '/v0.4/backends?status=bogus',
      '/v0.4/backends/simulator/characterizations?bogus=1',
    ])('that is not understood is refused: %s', async (path) => {
      expect(await ask(path)).toMatchObject({ status: 400, code: 'request/invalid' });
      expect(gateway.asked(LIST)).toEqual([]);
    });

    it('is named, with what it may be, in the message that clients show', async () => {
      expect((await ask('/v0.4/jobs?status=bogus')).json).toMatchObject({
        message: expect.stringMatching(/ status must be one of submitted, ready, .*completed\.$/) as string,
        validation: { keys: ['status'], source: 'query' },
      });
    });

    it.each([
      'session_id=01890a5d-ac96-774b-bcce-b302099a8057',
      'session_id=',
      'parent_job_id=01890a5d-ac96-774b-bcce-b302099a8057',
      'submitter_id=nonsense',
      'submitter_id=',
      'ids=nonsense',
      'ids=',
      'ids=01890a5d-ac96-774b-bcce-b302099a8057&session_id=1',
    ])('that no job meets shows none: %s', async (query) => {
      expect((await ask(`/v0.4/jobs?${query}`)).json).toEqual({ jobs: [], next: null });
      expect(gateway.asked(LIST)).toEqual([]);
    });

    it('that some meet is passed on, as clients send all of them', async () => {
      const [accountId, one, two] = [randomUUID(), randomUUID(), randomUUID()];
      const { status } = await ask(
        `/v0.4/jobs?submitter_id=${accountId}&status=completed&target=simulator&limit=1000&ids=${one}&ids=${two}`,
      );
      expect(status).toBe(200);
      expect(gateway.asked(LIST)[0]?.request).toMatchObject({
        accountId,
        status: 'completed',
        backend: 'simulator',
        limit: 1000,
        jobIds: [one, two],
      });
    });

    it.each(
      Object.values<Route>(routes).filter(
        ({ method, access }) => method === 'GET' && !['development', 'half'].includes(access),
      ),
    )('is named in the table of routes, or refused: $path', async ({ path }) => {
      const { cookie } = gateway.signedIn();
      const at = path.replaceAll(/:\w+/g, () => randomUUID());
      expect((await gateway.ask('GET', `${at}?bogus=1`, { headers: { cookie } })).json).toMatchObject({
        status: 400,
        errors: expect.arrayContaining([{ pointer: '/bogus', detail: 'is not known here' }]) as unknown,
      });
    });

    it('has no list beside those', () => {
      const lists = Object.values<Route>(ionqRoutes).filter(({ does }) => does.startsWith('Lists'));
      expect(lists.map(({ path, query }) => [path, query?.safeParse({ bogus: '1' }).success])).toEqual(
        lists.map(({ path }) => [path, false]),
      );
    });
  });

  describe('a job', () => {
    it('says where its results are: shots and a histogram where something was measured', async () => {
      const { jobId } = known;
      const place = (form: string, id: string) => ({
        url: `/v0.4/jobs/${jobId}/results/${form}`,
        id,
        format: `ionq.result.${form}.json.v1`,
        media_type: 'application/json',
      });
      expect((await seen()).results).toEqual({
        probabilities: place('probabilities', jobId),
        shots: place('shots', 'shots'),
        histogram: place('histogram', 'histogram'),
      });
      for (const [path, form] of [
        ['results/shots', 'shots'],
        ['results/histogram', 'histogram'],
        ['artifacts/shots', 'shots'],
        ['artifacts/histogram', 'histogram'],
        [`artifacts/${jobId}`, 'probabilities'],
      ])
        expect([path, (await ask(`/v0.4/jobs/${jobId}/${path ?? ''}`)).text]).toEqual([path, form]);
      expect(await ask(`/v0.4/jobs/${jobId}/artifacts/other`)).toMatchObject({ status: 404, code: 'job/no-results' });
      known = job({ hasSamples: false });
      expect(Object.keys((await seen()).results as object)).toEqual(['probabilities']);
    });

    it('that was not run has none, and says so', async () => {
      known = job({ dryRun: true, hasSamples: false });
      expect(await seen()).toMatchObject({ status: 'completed', dry_run: true, results: null, failure: null });
    });

    it('has no failure for a client that looks into every one, before there is one', async () => {
      known = job({ status: 'submitted' });
      expect(await seen('cirq/1.7.0 (python/3.11)')).not.toHaveProperty('failure');
      expect(await seen('ionq-core/0.2.0')).toMatchObject({ failure: null });
      known = job({ status: 'canceled' });
      expect(await seen('cirq/1.7.0 (python/3.11)')).toMatchObject({ failure: { code: 'JobCanceled' } });
    });

    it("gives no shots to whoever would read them wrongly: qiskit's sampler takes lists of circuits, and bits for digits", async () => {
      const shots = async () =>
        (await ask(`/v0.4/jobs/${known.jobId}/results/shots`, { 'user-agent': 'qiskit-ionq/1.1.1' })).text;
      expect(await shots()).toBe('shots');
      known = job({ type: 'ionq.multi-circuit.v1', childJobIds: [randomUUID()] });
      expect(await shots()).toMatch(/^\["BackendSamplerV2 would read/);
      expect(await seen('qiskit-ionq/1.1.1')).toMatchObject({
        warning: { messages: [expect.stringContaining('BackendSamplerV2 shows zeros')] },
      });
      expect(await seen('cirq/1.7.0')).not.toHaveProperty('warning');
      known = job({ parentJobId: randomUUID() });
      expect(await shots()).toMatch(/^\["BackendSamplerV2 would read/);
      known = job({ type: 'ionq.multi-circuit.v1', stats: '{"qubits":1}' });
      expect(await shots()).toBe('shots');
    });
  });
});
