import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { handle } from '#event-sourcing';
import { stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { job, type JobEvent } from '../job/job.decider.ts';
import { jobsById } from '../job/jobs.query.ts';
import { probabilitiesOf } from '../job/probabilities.query.ts';
import { deleteJob } from '../job/submission.ts';
import { cause, openExecutor, owner, several, slow, submitted, textOf } from './executor.fixture.ts';
import { endTurn, forgetTurns, takeTurn, type Turn } from './turns.ts';

describe('the executor', () => {
  let database: TestDatabase;
  let open: ReturnType<typeof openExecutor>[] = [];
  const executor = (options: Parameters<typeof openExecutor>[1] = {}) => {
    const made = openExecutor(database.pool, options);
    open.push(made);
    return made;
  };
  beforeAll(async () => {
    database = await testDatabase(stepsIn('apps/job-queue/migrations').map(({ sql }) => sql));
  });
  afterEach(async () => {
    await Promise.all(open.map((one) => one.close()));
    open = [];
    await database.pool.query('TRUNCATE jobs, job_children, job_inputs, job_results, job_leases, shares');
  });
  afterAll(() => database.drop());

  const eventsOf = async ({ store }: ReturnType<typeof openExecutor>, jobId: string) =>
    (await store.readStream<JobEvent>(`job-${jobId}`)).map(({ event }) => event);
  const typesOf = async (from: ReturnType<typeof openExecutor>, jobId: string) =>
    (await eventsOf(from, jobId)).map(({ type }) => type);
  const statusOf = async (jobId: string) =>
    (await database.pool.query<{ status: string }>('SELECT status FROM jobs WHERE job_id = $1', [jobId])).rows[0]
      ?.status;
  const results = async (jobId: string) =>
    (
      await database.pool.query<{ circuit: number }>(
        'SELECT circuit FROM job_results WHERE job_id = $1 ORDER BY circuit',
        [jobId],
      )
    ).rows.map(({ circuit }) => circuit);
  async function until(condition: () => Promise<boolean>) {
    const deadline = performance.now() + 240_000;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error('it did not come to that');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  const becomes = (jobId: string, status: string) => until(async () => (await statusOf(jobId)) === status);

  it('runs a job and keeps its results', async () => {
    const made = executor();
    const { organizationId, ...by } = owner();
    const jobId = await submitted(made.store, { organizationId, ...by });
    made.executor.start();
    await becomes(jobId, 'completed');
    const [found] = await jobsById(database.pool, [by.projectId], [jobId]);
    expect(found).toMatchObject({
      jobId,
      ...by,
      status: 'completed',
      shots: 100,
      stats: '{"qubits":1,"circuits":1,"gate_counts":{"1q":1}}',
      childJobIds: [],
    });
    expect(found?.executionDurationMs).toBeGreaterThanOrEqual(0);
    expect(found && (await textOf(probabilitiesOf(database.pool, found)))).toBe('{"0":0.5,"1":0.5}');
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
    const jobId = await submitted(
      made.store,
      by,
      several({ name: 'heads', circuit: [] }, { name: 'tails', circuit: [{ gate: 'x', target: 0 }] }),
    );
    made.executor.start();
    await becomes(jobId, 'completed');
    const [parent] = await jobsById(database.pool, [by.projectId], [jobId]);
    const [heads = '', tails = ''] = parent?.childJobIds ?? [];
    expect(parent && (await textOf(probabilitiesOf(database.pool, parent)))).toBe(
      `{"${heads}":{"0":1},"${tails}":{"1":1}}`,
    );
    const [child] = await jobsById(database.pool, [by.projectId], [tails]);
    expect(child).toMatchObject({
      jobId: tails,
      parentJobId: jobId,
      name: 'tails',
      status: 'completed',
      type: 'ionq.circuit.v1',
      childJobIds: [],
    });
    expect(child && (await textOf(probabilitiesOf(database.pool, child)))).toBe('{"1":1}');
  });

  const HOLDER = '01890a5d-ac96-774b-bcce-b302099a8057';
  const taken = async (store: Parameters<typeof takeTurn>[0], count: number) => {
    const order: (string | undefined)[] = [];
    for (let i = 0; i < count; i++) order.push((await takeTurn(store, HOLDER, 60_000))?.jobId);
    return order;
  };

  it('serves accounts in turn: one with many jobs does not keep another waiting', async () => {
    const { store } = executor();
    const [crowd, guest] = [owner(), owner()];
    const many: string[] = [];
    for (let i = 0; i < 5; i++) many.push(await submitted(store, crowd));
    const one = await submitted(store, guest);
    expect(await taken(store, 7)).toEqual([many[0], one, ...many.slice(1), undefined]);
  });

  it('gives an account of many projects one share, and its projects a share each', async () => {
    const { store } = executor();
    const [crowd, guest] = [owner(), owner()];
    const projects = Array.from({ length: 3 }, () => ({ ...crowd, projectId: randomUUID() }));
    const crowded: string[] = [];
    for (const project of projects) for (let i = 0; i < 2; i++) crowded.push(await submitted(store, project));
    const guests: string[] = [];
    for (let i = 0; i < 3; i++) guests.push(await submitted(store, guest));
    const [a1, a2, b1, b2, c1, c2] = crowded;
    expect(await taken(store, 9)).toEqual([a1, guests[0], b1, guests[1], c1, guests[2], a2, b2, c2]);
  });

  it('forgets what was charged when nothing is open any more', async () => {
    const { store } = executor();
    const jobId = await submitted(store);
    await taken(store, 1);
    await forgetTurns(database.pool);
    expect((await database.pool.query('SELECT FROM shares')).rowCount).toBe(4);
    await handle(store, job, jobId, { type: 'CancelJob' }, cause());
    await forgetTurns(database.pool);
    expect((await database.pool.query('SELECT FROM shares')).rowCount).toBe(0);
  });

  it('gives a job to one of many who ask at the same moment, and again when the lease has lapsed', async () => {
    const { store } = executor();
    const jobId = await submitted(store);
    const holders = Array.from({ length: 10 }, (_, n) => `01890a5d-ac96-774b-bcce-b302099a80${10 + n}`);
    const all = await Promise.all(holders.map((holder) => takeTurn(store, holder, 2_000)));
    expect(all.filter((turn) => turn?.jobId === jobId)).toEqual([expect.objectContaining({ again: false })]);
    let turn: Turn | undefined;
    await until(async () => (turn = await takeTurn(store, HOLDER, 60_000)) !== undefined);
    if (!turn) return;
    expect(turn).toMatchObject({ jobId, again: true });
    await endTurn(database.pool, turn, HOLDER, 0, 0);
    expect(await takeTurn(store, HOLDER, 60_000)).toMatchObject({ jobId, again: false });
  });

  it('takes turns between circuits: a Bell pair is done while a large job of another account runs', async () => {
    const made = executor();
    const large = await submitted(
      made.store,
      owner(),
      several(...Array.from({ length: 500 }, () => ({ circuit: slow.input.circuit.slice(0, 20) }))),
    );
    made.executor.start();
    await becomes(large, 'started');
    const guests = [
      await submitted(made.store),
      await submitted(made.store, owner(), {
        ...slow,
        input: { ...slow.input, circuit: slow.input.circuit.slice(0, 120) },
      }),
    ];
    for (const guest of guests) await becomes(guest, 'completed');
    expect(await statusOf(large)).toBe('started');
    expect((await typesOf(made, large)).filter((type) => type === 'JobStarted')).toHaveLength(1);
  });

  it('has a place for short jobs, while one circuit takes all others for long', async () => {
    const made = executor();
    const long = await submitted(made.store, owner(), {
      ...slow,
      input: { ...slow.input, circuit: Array.from({ length: 20 }, () => slow.input.circuit).flat() },
    });
    made.executor.start();
    await becomes(long, 'started');
    await becomes(await submitted(made.store), 'completed');
    expect(await statusOf(long)).toBe('started');
    expect(await results(long)).toEqual([]);
  });

  it('ends a job that takes too long, all its circuits and turns together, and says so', async () => {
    const made = executor({ timeoutMs: 8_000 });
    const by = owner();
    const jobId = await submitted(
      made.store,
      by,
      several(...Array.from({ length: 200 }, () => ({ circuit: slow.input.circuit.slice(0, 10) }))),
    );
    made.executor.start();
    await becomes(jobId, 'failed');
    expect((await jobsById(database.pool, [by.projectId], [jobId]))[0]).toMatchObject({
      failureCode: 'simulator/timeout',
      failureMessage: expect.stringContaining('all its circuits together') as string,
    });
    expect((await results(jobId)).length).toBeGreaterThan(0);
  });

  it('runs jobs from before there were estimates and organizations', async () => {
    const made = executor();
    const jobId = await submitted(made.store);
    await database.pool.query('UPDATE job_inputs SET estimated_ms = NULL, organization_id = NULL');
    made.executor.start();
    await becomes(jobId, 'completed');
  });

  it('tells how long all turns of a job took', async () => {
    const made = executor();
    const by = owner();
    const jobId = await submitted(
      made.store,
      by,
      several({ circuit: slow.input.circuit.slice(0, 130) }, { circuit: slow.input.circuit.slice(0, 130) }),
    );
    made.executor.start();
    await becomes(jobId, 'completed');
    const {
      rows: [row],
    } = await database.pool.query<{ spent: number; estimated: number }>(
      'SELECT spent_ms AS spent, estimated_ms AS estimated FROM job_inputs WHERE job_id = $1',
      [jobId],
    );
    const [found] = await jobsById(database.pool, [by.projectId], [jobId]);
    expect(Math.abs((row?.spent ?? NaN) - (found?.executionDurationMs ?? NaN))).toBeLessThan(50);
    expect(row?.estimated).toBe(found?.predictedExecutionDurationMs);
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
    const jobId = await submitted(made.store, by, {
      type: 'ionq.circuit.v1',
      input: { qubits: 21, circuit: [{ gate: 'h', targets: Array.from({ length: 21 }, (_, q) => q) }] },
    });
    made.executor.start();
    await becomes(jobId, 'failed');
    const [found] = await jobsById(database.pool, [by.projectId], [jobId]);
    expect(found).toMatchObject({
      failureCode: 'simulator/result-too-large',
      failureMessage: expect.stringContaining('too many to list') as string,
    });
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
    const jobId = await submitted(
      made.store,
      owner(),
      several(...Array.from({ length: 40 }, () => ({ circuit: slow.input.circuit }))),
    );
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

  it('lets go of a running job when it closes, and the next one goes on with it', async () => {
    const first = executor();
    const jobId = await submitted(first.store, owner(), slow);
    first.executor.start();
    await becomes(jobId, 'started');
    await first.close();
    expect(await statusOf(jobId)).toBe('started');
    executor().executor.start();
    await becomes(jobId, 'completed');
    expect(await typesOf(first, jobId)).toEqual(['JobSubmitted', 'JobStarted', 'JobCompleted']);
  });

  it('survives kill -9: the job starts again, keeps the circuits that were done, and has each result once', async () => {
    const made = executor();
    const jobId = await submitted(
      made.store,
      owner(),
      several({ circuit: [] }, { circuit: slow.input.circuit }, { circuit: slow.input.circuit }),
    );
    const file = fileURLToPath(new URL('./executor-process.program.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      ['--conditions=source', '--experimental-transform-types', '--no-warnings', file, database.url],
      { stdio: 'ignore' },
    );
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
