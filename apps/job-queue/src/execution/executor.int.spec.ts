import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { handle, logSchema } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { job, type JobEvent } from '../job/job.decider.ts';
import { jobQueueSchema } from '../job-queue.schema.ts';
import { jobsById, probabilitiesOf } from '../job/jobs.query.ts';
import { deleteJob } from '../job/submission.ts';
import { cause, openExecutor, owner, several, slow, submitted } from './executor.example.ts';
import { releaseTurn, takeTurn } from './turns.ts';

describe('the executor', () => {
  let database: TestDatabase;
  let open: ReturnType<typeof openExecutor>[] = [];
  const executor = (options: Parameters<typeof openExecutor>[1] = {}) => {
    const made = openExecutor(database.pool, options);
    open.push(made);
    return made;
  };
  beforeAll(async () => { database = await testDatabase([...logSchema, ...jobQueueSchema]); });
  afterEach(async () => {
    await Promise.all(open.map((one) => one.close()));
    open = [];
    await database.pool.query('TRUNCATE jobs, job_children, job_inputs, job_results, job_leases, project_turns');
  });
  afterAll(() => database.drop());

  const eventsOf = async ({ store }: ReturnType<typeof openExecutor>, jobId: string) => (await store.readStream<JobEvent>(`job-${jobId}`)).map(({ event }) => event);
  const typesOf = async (from: ReturnType<typeof openExecutor>, jobId: string) => (await eventsOf(from, jobId)).map(({ type }) => type);
  const statusOf = async (jobId: string) => (await database.pool.query<{ status: string }>('SELECT status FROM jobs WHERE job_id = $1', [jobId])).rows[0]?.status;
  const results = async (jobId: string) => (await database.pool.query<{ circuit: number }>('SELECT circuit FROM job_results WHERE job_id = $1 ORDER BY circuit', [jobId])).rows.map(({ circuit }) => circuit);
  async function until(condition: () => Promise<boolean>) {
    const deadline = performance.now() + 20_000;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error('it did not come to that');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  const becomes = (jobId: string, status: string) => until(async () => (await statusOf(jobId)) === status);

  it('runs a job and keeps its results', async () => {
    const made = executor();
    const by = owner();
    const jobId = await submitted(made.store, by);
    made.executor.start();
    await becomes(jobId, 'completed');
    const [found] = await jobsById(database.pool, [by.projectId], [jobId]);
    expect(found).toMatchObject({ jobId, ...by, status: 'completed', shots: 100, stats: '{"qubits":1,"circuits":1,"gate_counts":{"1q":1}}', childJobIds: [] });
    expect(found?.executionDurationMs).toBeGreaterThanOrEqual(0);
    expect(found && String(await probabilitiesOf(database.pool, found))).toBe('{"0":0.5,"1":0.5}');
    expect(await typesOf(made, jobId)).toEqual(['JobSubmitted', 'JobStarted', 'JobCompleted']);
  });

  it('puts neither circuit nor result into events', async () => {
    const made = executor();
    const jobId = await submitted(made.store);
    made.executor.start();
    await becomes(jobId, 'completed');
    expect(JSON.stringify(await eventsOf(made, jobId))).not.toMatch(/gate|0\.5/);
  });

  it('runs the circuits of one job of several, and tells the results by child', async () => {
    const made = executor();
    const by = owner();
    const jobId = await submitted(made.store, by, several({ name: 'heads', circuit: [] }, { name: 'tails', circuit: [{ gate: 'x', target: 0 }] }));
    made.executor.start();
    await becomes(jobId, 'completed');
    const [parent] = await jobsById(database.pool, [by.projectId], [jobId]);
    const [heads = '', tails = ''] = parent?.childJobIds ?? [];
    expect(parent && String(await probabilitiesOf(database.pool, parent))).toBe(`{"${heads}":{"0":1},"${tails}":{"1":1}}`);
    const [child] = await jobsById(database.pool, [by.projectId], [tails]);
    expect(child).toMatchObject({ jobId: tails, parentJobId: jobId, name: 'tails', status: 'completed', type: 'ionq.circuit.v1', childJobIds: [] });
    expect(child && String(await probabilitiesOf(database.pool, child))).toBe('{"1":1}');
  });

  it('serves projects in turn: one with many jobs does not keep another waiting', async () => {
    const { store } = executor();
    const [crowd, guest] = [owner(), owner()];
    const many: string[] = [];
    for (let i = 0; i < 5; i++) many.push(await submitted(store, crowd));
    const one = await submitted(store, guest);
    const order: (string | undefined)[] = [];
    for (let i = 0; i < 6; i++) order.push(await takeTurn(database.pool, '01890a5d-ac96-774b-bcce-b302099a8057', 60_000));
    expect(order).toEqual([many[0], one, ...many.slice(1)]);
    expect(await takeTurn(database.pool, '01890a5d-ac96-774b-bcce-b302099a8057', 60_000)).toBeUndefined();
  });

  it('gives a job to one of many who ask at the same moment, and again when the lease has lapsed', async () => {
    const { store } = executor();
    const jobId = await submitted(store);
    const holders = Array.from({ length: 10 }, (_, n) => `01890a5d-ac96-774b-bcce-b302099a80${10 + n}`);
    const taken = await Promise.all(holders.map((holder) => takeTurn(database.pool, holder, 2_000)));
    expect(taken.filter((id) => id === jobId)).toHaveLength(1);
    await until(async () => (await takeTurn(database.pool, holders[0] ?? '', 60_000)) === jobId);
    await releaseTurn(database.pool, jobId, holders[0] ?? '');
    expect(await takeTurn(database.pool, holders[1] ?? '', 60_000)).toBe(jobId);
  });

  it('shares the queue with others: every job runs once', async () => {
    const all = [executor(), executor(), executor()];
    const first = executor();
    const ids: string[] = [];
    for (let i = 0; i < 30; i++) ids.push(await submitted(first.store));
    for (const one of all) one.executor.start();
    for (const id of ids) await becomes(id, 'completed');
    for (const id of ids) expect(await typesOf(first, id)).toEqual(['JobSubmitted', 'JobStarted', 'JobCompleted']);
  });

  it('fails a job whose circuit does not fit, and says why', async () => {
    const made = executor();
    const by = owner();
    const jobId = await submitted(made.store, by, { type: 'ionq.circuit.v1', input: { qubits: 21, circuit: [{ gate: 'h', targets: Array.from({ length: 21 }, (_, q) => q) }] } });
    made.executor.start();
    await becomes(jobId, 'failed');
    const [found] = await jobsById(database.pool, [by.projectId], [jobId]);
    expect(found).toMatchObject({ failureCode: 'simulator/result-too-large', failureMessage: expect.stringContaining('too many to list') as string });
    expect(await results(jobId)).toEqual([]);
  });

  it('stops a running job that was canceled here, and takes the next', async () => {
    const made = executor();
    const jobId = await submitted(made.store, owner(), slow);
    made.executor.start();
    await becomes(jobId, 'started');
    await handle(made.store, job, jobId, { type: 'CancelJob' }, cause());
    made.executor.stop(jobId);
    await becomes(await submitted(made.store), 'completed');
    expect(await typesOf(made, jobId)).toEqual(['JobSubmitted', 'JobStarted', 'JobCanceled']);
    expect(await results(jobId)).toEqual([]);
  });

  it('notices a cancel that came elsewhere', async () => {
    const made = executor({ leaseMs: 300 });
    const jobId = await submitted(made.store, owner(), several(...Array.from({ length: 40 }, () => ({ circuit: slow.input.circuit }))));
    made.executor.start();
    await becomes(jobId, 'started');
    await handle(made.store, job, jobId, { type: 'CancelJob' }, cause());
    await becomes(await submitted(made.store), 'completed');
    expect(await typesOf(made, jobId)).toEqual(['JobSubmitted', 'JobStarted', 'JobCanceled']);
  });

  it('forgets a job that was deleted while it ran', async () => {
    const made = executor();
    const by = owner();
    const jobId = await submitted(made.store, by, slow);
    made.executor.start();
    await becomes(jobId, 'started');
    await deleteJob(made.store, jobId, cause());
    made.executor.stop(jobId);
    await becomes(await submitted(made.store), 'completed');
    expect(await jobsById(database.pool, [by.projectId], [jobId])).toEqual([]);
    expect((await database.pool.query('SELECT FROM job_inputs WHERE job_id = $1', [jobId])).rowCount).toBe(0);
    expect(await typesOf(made, jobId)).toEqual(['JobSubmitted', 'JobStarted', 'JobCanceled', 'JobDeleted']);
  });

  it('lets go of a running job when it closes, and the next one runs it again', async () => {
    const first = executor();
    const jobId = await submitted(first.store, owner(), slow);
    first.executor.start();
    await becomes(jobId, 'started');
    await first.close();
    expect(await statusOf(jobId)).toBe('started');
    executor().executor.start();
    await becomes(jobId, 'completed');
    expect(await typesOf(first, jobId)).toEqual(['JobSubmitted', 'JobStarted', 'JobStarted', 'JobCompleted']);
  });

  it('survives kill -9: the job starts again, keeps the circuits that were done, and has each result once', async () => {
    const made = executor();
    const jobId = await submitted(made.store, owner(), several({ circuit: [] }, { circuit: slow.input.circuit }, { circuit: slow.input.circuit }));
    const file = fileURLToPath(new URL('./executor-process.example.ts', import.meta.url));
    const child = spawn(process.execPath, ['--conditions=source', '--experimental-transform-types', '--no-warnings', file, database.url], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await until(async () => (await results(jobId)).length >= 1);
    child.kill('SIGKILL');
    await ended;
    expect(await statusOf(jobId)).toBe('started');
    made.executor.start();
    await becomes(jobId, 'completed');
    expect(await typesOf(made, jobId)).toEqual(['JobSubmitted', 'JobStarted', 'JobStarted', 'JobCompleted']);
    expect(await results(jobId)).toEqual([0, 1, 2]);
  });
});
