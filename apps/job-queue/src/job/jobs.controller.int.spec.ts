import { randomUUID } from 'node:crypto';
import type { jobQueue } from '#contracts';
import { runJobQueue } from '../job-queue.fixture.ts';
import { coin, several, slow } from '../execution/executor.fixture.ts';

describe('the job queue over gRPC', () => {
  let queue: Awaited<ReturnType<typeof runJobQueue>>;
  beforeAll(async () => {
    queue = await runJobQueue();
  });
  afterAll(() => queue.harness.stop());

  const context = (commandId?: string) => ({
    timeoutMs: 60_000,
    correlationId: randomUUID(),
    actor: 'account:test',
    ...(commandId === undefined ? {} : { commandId, fingerprint: 'f' }),
  });
  const someone = () => ({
    projectId: randomUUID(),
    organizationId: randomUUID(),
    accountId: randomUUID(),
    keyId: randomUUID(),
  });
  const submit = (by = someone(), body: object = coin, commandId?: string) =>
    queue.jobs.submitJob({ ...by, body: Buffer.from(JSON.stringify(body)) }, context(commandId));
  const get = (projectId: string, jobId: string) => queue.jobs.getJob({ projectId, jobId }, context());
  const probabilities = async (projectId: string, jobId: string) => {
    const pieces = await Array.fromAsync(queue.jobs.getProbabilities({ projectId, jobId }, context()));
    return Buffer.concat(pieces.map((piece) => piece.probabilities)).toString();
  };
  async function ended({ projectId, jobId }: jobQueue.Job): Promise<jobQueue.Job> {
    for (const deadline = performance.now() + 20_000; performance.now() < deadline;) {
      const found = await get(projectId, jobId);
      if (!['submitted', 'started'].includes(found.status)) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('the job did not end');
  }

  describe('SubmitJob', () => {
    it('answers with the job, which then runs', async () => {
      const made = await submit();
      expect(made).toMatchObject({
        status: 'submitted',
        type: 'ionq.circuit.v1',
        backend: 'simulator',
        shots: 100,
        metadata: '{}',
        childJobIds: [],
      });
      const done = await ended(made);
      expect(done).toMatchObject({ status: 'completed', jobId: made.jobId });
      expect(Date.parse(done.completedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(done.startedAt ?? ''));
      expect(JSON.parse(await probabilities(made.projectId, made.jobId))).toEqual({ 0: 0.5, 1: 0.5 });
    });

    it('makes one job of a request that is sent twice', async () => {
      const by = someone();
      const [first, again] = [await submit(by, coin, 'once'), await submit(by, coin, 'once')];
      expect(again.jobId).toBe(first.jobId);
    });

    it('points at what is wrong', async () => {
      await expect(
        submit(someone(), { ...coin, shots: 0, input: { qubits: 1, circuit: [{ gate: 'h', target: 0 }] } }),
      ).rejects.toMatchObject({ code: 'request/invalid', facts: { fields: [{ pointer: '/shots' }] } });
      await expect(
        submit(someone(), { ...coin, input: { qubits: 1, circuit: [{ gate: 'h', target: 4 }] } }),
      ).rejects.toMatchObject({ code: 'request/invalid', facts: { fields: [{ pointer: '/input/circuit/0' }] } });
      await expect(queue.jobs.submitJob({ ...someone(), body: Buffer.from('{') }, context())).rejects.toMatchObject({
        code: 'request/invalid',
      });
    });

    it('says what it cannot run', async () => {
      await expect(submit(someone(), { type: 'ionq.qasm3.v1' })).rejects.toMatchObject({
        code: 'job/unsupported',
        detail: expect.stringContaining('OpenQASM 3 is not run here') as string,
      });
      await expect(submit(someone(), { ...coin, backend: 'qpu.forte-1' })).rejects.toMatchObject({
        code: 'job/unsupported',
      });
    });

    it('refuses a job that would cost too much, says both figures, and stores nothing', async () => {
      const by = someone();
      const hog = {
        type: 'ionq.circuit.v1',
        input: { qubits: 25, circuit: Array.from({ length: 20_000 }, () => ({ gate: 'x', target: 0 })) },
      };
      await expect(submit(by, hog)).rejects.toMatchObject({
        code: 'job/too-costly',
        detail: expect.stringMatching(/about 5\d{3} s for this job, and one job may cost 1200 s/) as string,
      });
      expect(
        (await queue.jobs.listJobs({ projectIds: [by.projectId], jobIds: [], limit: 10 }, context())).items,
      ).toEqual([]);
      // A cost that is too high in one circuit is too high in many.
      await expect(
        submit(
          by,
          several(...Array.from({ length: 20 }, () => ({ qubits: 25, circuit: hog.input.circuit.slice(0, 1_000) }))),
        ),
      ).rejects.toMatchObject({ code: 'job/too-costly' });
    });

    it('takes the largest circuit of tens of gates, with noise, too', async () => {
      const circuit = Array.from({ length: 50 }, (_, index) => ({
        gate: 'cnot',
        control: index % 29,
        target: (index + 1) % 29,
      }));
      const made = await submit(someone(), {
        type: 'ionq.circuit.v1',
        noise: { model: 'forte-1' },
        input: { qubits: 29, circuit },
      });
      expect(made.predictedExecutionDurationMs).toBeGreaterThan(100_000);
      await queue.jobs.cancelJobs({ projectId: made.projectId, jobIds: [made.jobId] }, context());
    });

    it('takes a body of ten megabytes and gives long metadata back', async () => {
      const metadata = { qiskit_header: 'A'.repeat(500_000) };
      const circuit = Array.from({ length: 100_000 }, (_, index) => ({
        gate: 'rz',
        targets: [index % 2],
        rotation: 0.123456789012345 + index,
        comment: 'x'.repeat(20),
      }));
      const made = await submit(someone(), { type: 'ionq.circuit.v1', metadata, input: { qubits: 2, circuit } });
      expect(JSON.parse(made.metadata)).toEqual(metadata);
      expect(await ended(made)).toMatchObject({ status: 'completed' });
    });

    it('is for the gateway alone', async () => {
      await expect(
        queue.asOrganization.submitJob({ ...someone(), body: Buffer.from('{}') }, context()),
      ).rejects.toMatchObject({ code: 'caller/not-permitted' });
    });
  });

  describe('EstimateJob', () => {
    const estimate = (accountId: string, qubits = 20) =>
      queue.jobs.estimateJob({ accountId, qubits, shots: 100, oneQubitGates: 20, twoQubitGates: 20 }, context());

    it('tells how long a job would run, and wait', async () => {
      const by = someone();
      expect((await estimate(by.accountId)).executionMs).toBeGreaterThan(100);
      expect((await estimate(by.accountId, 29)).executionMs).toBeGreaterThan(
        100 * (await estimate(by.accountId)).executionMs,
      );
      const waits = await submit(by, {
        ...slow,
        input: { ...slow.input, circuit: Array.from({ length: 50 }, () => slow.input.circuit).flat() },
      });
      const [own, others] = [await estimate(by.accountId), await estimate(randomUUID())];
      // All of its own jobs go before, and of those of others as much as it takes itself.
      expect(own.queueMs).toBeGreaterThan(60_000);
      expect(others.queueMs).toBeLessThan(60_000);
      expect(others.queueMs).toBeGreaterThan(0);
      await queue.jobs.cancelJobs({ projectId: waits.projectId, jobIds: [waits.jobId] }, context());
    });
  });

  describe('GetJob, GetProbabilities', () => {
    it('know a job only in its project', async () => {
      const made = await submit();
      for (const [projectId, jobId] of [
        [randomUUID(), made.jobId],
        [made.projectId, randomUUID()],
        [made.projectId, 'nonsense'],
      ] as const) {
        await expect(get(projectId, jobId)).rejects.toMatchObject({ code: 'job/unknown' });
        await expect(probabilities(projectId, jobId)).rejects.toMatchObject({ code: 'job/unknown' });
      }
    });

    it('have no results before the end', async () => {
      const made = await submit(someone(), slow);
      await expect(probabilities(made.projectId, made.jobId)).rejects.toMatchObject({ code: 'job/not-finished' });
      await queue.jobs.cancelJobs({ projectId: made.projectId, jobIds: [made.jobId] }, context());
    });

    it('tell of each circuit of several', async () => {
      const made = await submit(someone(), several({ circuit: [] }, { circuit: [{ gate: 'x', target: 1 }] }));
      const done = await ended(made);
      const [first = '', second = ''] = done.childJobIds;
      expect(JSON.parse(await probabilities(made.projectId, made.jobId))).toEqual({
        [first]: { 0: 1 },
        [second]: { 2: 1 },
      });
      expect(await get(made.projectId, second)).toMatchObject({ parentJobId: made.jobId, status: 'completed' });
      expect(await probabilities(made.projectId, second)).toBe('{"2":1}');
    });
  });

  describe('a dry run', () => {
    it('is judged and estimated, and not run', async () => {
      const made = await submit(someone(), { ...slow, dry_run: true });
      expect(made).toMatchObject({ status: 'completed', dryRun: true, hasSamples: false });
      expect(made.startedAt).toBeUndefined();
      expect(made.predictedExecutionDurationMs).toBeGreaterThan(100);
      await expect(probabilities(made.projectId, made.jobId)).rejects.toMatchObject({ code: 'job/no-results' });
      await expect(submit(someone(), { ...coin, dry_run: true, shots: 0 })).rejects.toMatchObject({
        code: 'request/invalid',
      });
    });

    it('of several circuits says so of each', async () => {
      const made = await submit(someone(), { ...several({ circuit: [] }, { circuit: [] }), dry_run: true });
      expect(await get(made.projectId, made.childJobIds[1] ?? '')).toMatchObject({ status: 'completed', dryRun: true });
    });
  });

  describe('GetSamples', () => {
    const samples = async (projectId: string, jobId: string, form: string) => {
      const pieces = await Array.fromAsync(queue.jobs.getSamples({ projectId, jobId, form }, context()));
      return JSON.parse(Buffer.concat(pieces.map((piece) => piece.samples)).toString()) as unknown;
    };
    const bell = [
      { gate: 'h', target: 0 },
      { gate: 'cnot', control: 0, target: 1 },
    ];
    const noisy = (input: object, type = 'ionq.circuit.v1') => ({
      type,
      shots: 70_000,
      noise: { model: 'aria-1', seed: 7 },
      input,
    });
    const counted = (shots: readonly number[]) =>
      Object.fromEntries([...Map.groupBy(shots, (state) => state)].map(([state, all]) => [state, all.length]));

    it('gives one state a shot, in the same order whenever it is asked, and how often each was measured', async () => {
      const { projectId, jobId } = await ended(await submit(someone(), noisy({ qubits: 2, circuit: bell })));
      const shots = (await samples(projectId, jobId, 'shots')) as number[];
      const histogram = (await samples(projectId, jobId, 'histogram')) as Record<string, number>;
      const frequencies = JSON.parse(await probabilities(projectId, jobId)) as Record<string, number>;
      expect(shots).toHaveLength(70_000);
      expect(counted(shots)).toEqual(histogram);
      expect(histogram).toEqual(
        Object.fromEntries(Object.entries(frequencies).map(([state, p]) => [state, Math.round(p * 70_000)])),
      );
      expect(await samples(projectId, jobId, 'shots')).toEqual(shots);
      // The first half of the shots must not show one state alone.
      expect(counted(shots.slice(0, 35_000))['0']).toBeGreaterThan(15_000);
      expect(counted(shots.slice(0, 35_000))['0']).toBeLessThan(20_000);
    });

    it('gives those of each circuit of several, and of one that was sent as several', async () => {
      const x = [{ gate: 'x', target: 0 }];
      const two = await ended(
        await submit(
          someone(),
          noisy({ qubits: 2, circuits: [{ circuit: bell }, { circuit: x }] }, 'ionq.multi-circuit.v1'),
        ),
      );
      expect(two.hasSamples).toBe(false);
      await expect(samples(two.projectId, two.jobId, 'shots')).rejects.toMatchObject({ code: 'job/no-results' });
      const second = (await samples(two.projectId, two.childJobIds[1] ?? '', 'histogram')) as Record<string, number>;
      expect(second['1']).toBeGreaterThan(69_000);
      const one = await ended(
        await submit(someone(), noisy({ qubits: 2, circuits: [{ circuit: x }] }, 'ionq.multi-circuit.v1')),
      );
      expect(counted((await samples(one.projectId, one.jobId, 'shots')) as number[])['1']).toBeGreaterThan(69_000);
    });

    it('is refused where nothing was measured, and in another project', async () => {
      const ideal = await ended(await submit());
      await expect(samples(ideal.projectId, ideal.jobId, 'shots')).rejects.toMatchObject({ code: 'job/no-results' });
      await expect(samples(randomUUID(), ideal.jobId, 'shots')).rejects.toMatchObject({ code: 'job/unknown' });
    });
  });

  describe('GetHistogram', () => {
    const histogram = ({ projectId, jobId }: jobQueue.Job, limit = 1_000) =>
      queue.jobs.getHistogram({ projectId, jobId, limit }, context());
    const plus = (qubits: number) => ({
      qubits,
      circuit: Array.from({ length: qubits }, (_, target) => ({ gate: 'h', target })),
    });

    it('gives the likeliest states, and how often each was measured where it was', async () => {
      const ideal = await ended(
        await submit(someone(), { ...coin, input: { qubits: 2, circuit: [{ gate: 'rx', target: 0, rotation: 1 }] } }),
      );
      const { states, total } = await histogram(ideal);
      expect(states.map(({ state, count }) => [state, count])).toEqual([
        ['0', undefined],
        ['1', undefined],
      ]);
      expect(states[0]?.probability).toBeCloseTo(Math.cos(0.5) ** 2, 10);
      expect(total).toBe(2);
      const noisy = await ended(
        await submit(someone(), { ...coin, shots: 1_000, noise: { model: 'aria-1', seed: 7 }, input: plus(2) }),
      );
      const measured = await histogram(noisy);
      expect(measured.states.reduce((sum, { count = 0 }) => sum + count, 0)).toBe(1_000);
    });

    it('gives no more states than asked for, and says how many there are', async () => {
      const many = await ended(await submit(someone(), { ...coin, input: plus(8) }));
      const { states, total } = await histogram(many, 100);
      expect([states.length, total]).toEqual([100, 256]);
    });

    it('is of each circuit of several, of no job that has not run, and of none in another project', async () => {
      const two = await ended(
        await submit(
          someone(),
          several({ circuit: [{ gate: 'h', target: 0 }] }, { circuit: [{ gate: 'x', target: 0 }] }),
        ),
      );
      const [first = ''] = two.childJobIds;
      expect((await histogram({ ...two, jobId: first })).total).toBeGreaterThan(0);
      const dry = await submit(someone(), { ...coin, dry_run: true });
      await expect(histogram(dry)).rejects.toMatchObject({ code: 'job/no-results' });
      await expect(histogram({ ...two, projectId: randomUUID() })).rejects.toMatchObject({ code: 'job/unknown' });
    });
  });

  describe('CountJobDays', () => {
    it('counts by day and by what became of them, those of the asked projects, key and days alone', async () => {
      const by = someone();
      const [done, dropped] = [await ended(await submit(by)), await submit({ ...by, keyId: randomUUID() }, slow)];
      await queue.jobs.cancelJobs({ projectId: by.projectId, jobIds: [dropped.jobId] }, context());
      await submit();
      await queue.harness
        .database('job-queue')
        .asOwner(`UPDATE jobs SET submitted_at = '2026-01-31T23:59:59.999Z' WHERE job_id = '${done.jobId}'`);
      await queue.harness
        .database('job-queue')
        .asOwner(`UPDATE jobs SET submitted_at = '2026-02-01T00:00:00Z' WHERE job_id = '${dropped.jobId}'`);
      const count = async (more: Partial<jobQueue.CountJobDaysRequest> = {}) => {
        const [from, before] = ['2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z'];
        return (await queue.jobs.countJobDays({ projectIds: [by.projectId], from, before, ...more }, context())).days;
      };
      const [january, february] = [
        { day: '2026-01-31', completed: 1, failed: 0, canceled: 0, open: 0 },
        { day: '2026-02-01', completed: 0, failed: 0, canceled: 1, open: 0 },
      ];
      expect(await count()).toEqual([january, february]);
      expect(await count({ before: '2026-02-01T00:00:00Z' })).toEqual([january]);
      expect(await count({ from: '2026-02-01T00:00:00Z' })).toEqual([february]);
      expect(await count({ keyId: by.keyId })).toEqual([january]);
      expect(await count({ status: 'canceled' })).toEqual([february]);
      expect(await count({ accountId: randomUUID() })).toEqual([]);
      expect(await count({ projectIds: [] })).toEqual([]);
      const listed = await queue.jobs.listJobs(
        { projectIds: [by.projectId], jobIds: [], limit: 0, keyId: by.keyId, before: '2026-02-01T00:00:00Z' },
        context(),
      );
      expect(listed.items.map(({ jobId }) => jobId)).toEqual([done.jobId]);
    });
  });

  describe('ListJobs', () => {
    const list = (more: Partial<jobQueue.ListJobsRequest>) =>
      queue.jobs.listJobs({ projectIds: [], jobIds: [], limit: 0, ...more }, context());

    it('pages through the jobs of the asked projects, newest first', async () => {
      const [one, other] = [someone(), someone()];
      const ids: string[] = [];
      for (const by of [one, other, one]) ids.unshift((await submit(by)).jobId);
      await submit();
      const first = await list({ projectIds: [one.projectId, other.projectId], limit: 2 });
      expect(first.items.map(({ jobId }) => jobId)).toEqual(ids.slice(0, 2));
      const second = await list({ projectIds: [one.projectId, other.projectId], limit: 2, after: first.next });
      expect(second.items.map(({ jobId }) => jobId)).toEqual(ids.slice(2));
      expect(second.next).toBeUndefined();
    });

    it('finds jobs by id and status, but those of others not', async () => {
      const [mine, theirs] = [await submit(), await submit()];
      await ended(mine);
      const found = await list({
        projectIds: [mine.projectId],
        jobIds: [mine.jobId, theirs.jobId],
        status: 'completed',
      });
      expect(found.items.map(({ jobId }) => jobId)).toEqual([mine.jobId]);
    });

    it("lists those of one who submitted, among a project's", async () => {
      const [ada, ben] = [someone(), someone()];
      const mine = await submit(ada);
      await submit({ ...ben, projectId: ada.projectId });
      const ofAda = { projectIds: [ada.projectId], accountId: ada.accountId };
      expect((await list(ofAda)).items.map(({ jobId }) => jobId)).toEqual([mine.jobId]);
      expect((await list({ ...ofAda, accountId: randomUUID() })).items).toEqual([]);
      expect((await list({ ...ofAda, jobIds: [mine.jobId], accountId: ben.accountId })).items).toEqual([]);
    });

    it('lists as many as it is asked for, up to a thousand', async () => {
      const by = someone();
      for (let n = 0; n < 101; n++) await submit(by, { ...coin, dry_run: true });
      expect((await list({ projectIds: [by.projectId], limit: 1_000 })).items).toHaveLength(101);
    });

    it('refuses a place that it did not give', async () => {
      await expect(list({ projectIds: [randomUUID()], after: 'x' })).rejects.toMatchObject({ code: 'request/invalid' });
    });

    it('shows the name that organization gave the project', async () => {
      const made = await submit();
      await queue.harness.tell({
        name: 'ProjectCreated.v1',
        data: { organizationId: randomUUID(), projectId: made.projectId, name: 'Chemistry', accountId: randomUUID() },
      });
      for (let i = 0; i < 500 && (await get(made.projectId, made.jobId)).projectName === ''; i++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      expect((await list({ projectIds: [made.projectId] })).items[0]?.projectName).toBe('Chemistry');
    });
  });

  describe('CancelJobs', () => {
    const cancel = (projectId: string, ...jobIds: string[]) => queue.jobs.cancelJobs({ projectId, jobIds }, context());

    it('cancels a job that runs, and again it is the same', async () => {
      const made = await submit(someone(), slow);
      expect(await cancel(made.projectId, made.jobId)).toEqual({ jobIds: [made.jobId] });
      expect(await cancel(made.projectId, made.jobId)).toEqual({ jobIds: [made.jobId] });
      expect(await get(made.projectId, made.jobId)).toMatchObject({ status: 'canceled', failureCode: 'job/canceled' });
      expect(await ended(await submit())).toMatchObject({ status: 'completed' });
    });

    it('is refused for one that has ended, and passes over it among several', async () => {
      const by = someone();
      const done = await ended(await submit(by));
      await expect(cancel(by.projectId, done.jobId)).rejects.toMatchObject({ code: 'job/not-cancelable' });
      const open = await submit(by, slow);
      expect(await cancel(by.projectId, done.jobId, open.jobId)).toEqual({ jobIds: [open.jobId] });
    });

    it('touches no job of another project', async () => {
      const made = await submit(someone(), slow);
      await expect(cancel(randomUUID(), made.jobId)).rejects.toMatchObject({ code: 'job/unknown' });
      expect((await get(made.projectId, made.jobId)).status).not.toBe('canceled');
      await cancel(made.projectId, made.jobId);
    });

    it('asks for the whole job when a circuit of it is named', async () => {
      const made = await submit(someone(), several({ circuit: slow.input.circuit }));
      await expect(cancel(made.projectId, made.childJobIds[0] ?? '')).rejects.toMatchObject({
        code: 'job/not-cancelable',
        detail: expect.stringContaining(made.jobId) as string,
      });
      await cancel(made.projectId, made.jobId);
    });
  });

  describe('DeleteJobs', () => {
    it('leaves nothing to read', async () => {
      const made = await submit();
      await ended(made);
      expect(await queue.jobs.deleteJobs({ projectId: made.projectId, jobIds: [made.jobId] }, context())).toEqual({
        jobIds: [made.jobId],
      });
      await expect(get(made.projectId, made.jobId)).rejects.toMatchObject({ code: 'job/unknown' });
      const left = await queue.harness
        .database('job-queue')
        .pool.query('SELECT FROM job_inputs WHERE job_id = $1 UNION ALL SELECT FROM job_results WHERE job_id = $1', [
          made.jobId,
        ]);
      expect(left.rowCount).toBe(0);
    });
  });

  it('tells the bus what became of its jobs', async () => {
    const made = await submit();
    await ended(made);
    const told = async () =>
      (await queue.harness.told('job-queue.jobs'))
        .filter(({ streamId }) => streamId === `job-${made.jobId}`)
        .map(({ name }) => name);
    for (let i = 0; i < 500 && (await told()).length < 2; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await told()).toEqual(['JobSubmitted.v1', 'JobCompleted.v1']);
  });
});
