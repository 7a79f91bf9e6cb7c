import { CommandReused, handle, PostgresEventStore } from '#event-sourcing';
import { stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { cause, coin, owner, submitted, textOf } from '../execution/executor.fixture.ts';
import { job } from './job.decider.ts';
import { readWork, writeResult, written } from './job-contents.ts';
import { parseJobInput } from './job-input.ts';
import { jobs } from './jobs.projection.ts';
import { jobsById, listJobs, parseCursor } from './jobs.query.ts';
import { probabilitiesOf } from './probabilities.query.ts';
import { deleteJob, submit } from './submission.ts';

describe('jobs', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  beforeAll(async () => {
    database = await testDatabase(stepsIn('apps/job-queue/migrations').map(({ sql }) => sql));
    store = new PostgresEventStore(database.pool, { inline: [jobs] });
  });
  afterAll(() => database.drop());

  const read = async (projectId: string, jobId: string) => (await jobsById(database.pool, [projectId], [jobId]))[0];

  it('are there at once, as their owner sent them', async () => {
    const by = owner();
    const metadata = { measurement0: 'a\u001f0,1\u001eb\u001f2', nul: '\u0000', z: '1', a: '2' };
    const jobId = await submitted(store, by, {
      ...coin,
      name: 'a name and ☂',
      metadata,
      noise: { model: 'aria-1', seed: 3 },
      settings: { compilation: { opt: 1 } },
      dry_run: true,
      shots: '7',
    });
    expect(await read(by.projectId, jobId)).toMatchObject({
      status: 'completed',
      name: 'a name and ☂',
      metadata: JSON.stringify(metadata),
      noise: '{"model":"aria-1","seed":3}',
      settings: '{"compilation":{"opt":1}}',
      dryRun: true,
      shots: 7,
      backend: 'simulator',
      projectName: '',
    });
  });

  it('are told of one circuit without its siblings, and not all at once when they are too much', async () => {
    const by = owner();
    const circuits = Array.from({ length: 40 }, (_, index) => ({
      name: `nul\u0000 ${index}`,
      circuit: Array.from({ length: index }, () => ({ gate: 'x', target: 0 })),
    }));
    const jobId = await submitted(store, by, {
      type: 'ionq.multi-circuit.v1',
      metadata: { a: 'x'.repeat(200_000) },
      input: { qubits: 1, circuits },
    });
    const childIds = (await read(by.projectId, jobId))?.childJobIds ?? [];
    expect(await read(by.projectId, childIds[7] ?? '')).toMatchObject({
      name: 'nul\u0000 7',
      parentJobId: jobId,
      stats: '{"qubits":1,"circuits":1,"gate_counts":{"1q":7}}',
    });
    await expect(jobsById(database.pool, [by.projectId], childIds)).rejects.toMatchObject({
      code: 'request/too-large',
    });
    expect(await jobsById(database.pool, [by.projectId], childIds.slice(0, 10))).toHaveLength(10);
  });

  it('give back long results whole', async () => {
    const by = owner();
    const jobId = await submitted(store, by, {
      type: 'ionq.multi-circuit.v1',
      input: { qubits: 1, circuits: [{ circuit: [] }, { circuit: [] }] },
    });
    const long = `{"0":"${'1'.repeat(9_000_000)}"}`;
    await writeResult(database.pool, jobId, 0, long);
    await writeResult(database.pool, jobId, 1, '{"0":1}');
    const found = await read(by.projectId, jobId);
    const [first = '', second = ''] = found?.childJobIds ?? [];
    expect(
      found && (await textOf(probabilitiesOf(database.pool, found))) === `{"${first}":${long},"${second}":{"0":1}}`,
    ).toBe(true);
    expect(
      found &&
        (await textOf(
          probabilitiesOf(database.pool, { ...found, jobId: second, parentJobId: jobId, childJobIds: [] }),
        )),
    ).toBe('{"0":1}');
  });

  it('are given to the simulator circuit by circuit, also as they were kept before', async () => {
    const jobId = await submitted(store, owner(), {
      type: 'ionq.multi-circuit.v1',
      input: { circuits: [{ name: '\u0000 "[,', circuit: [{ gate: 'x', target: 2 }] }, { circuit: [] }] },
    });
    const work = await readWork(database.pool, jobId);
    expect(work?.circuits.map(({ qubits, json }) => [qubits, JSON.parse(json) as unknown])).toEqual([
      [3, { name: '\u0000 "[,', qubits: 3, gateset: 'qis', gates: [{ gate: 'x', targets: [2], controls: [] }] }],
      [1, { name: null, qubits: 1, gateset: 'qis', gates: [] }],
    ]);
  });

  it('are not there for another project', async () => {
    const jobId = await submitted(store);
    expect(await read(owner().projectId, jobId)).toBeUndefined();
  });

  it('are one when they are sent twice under one command id, and refused when the content differs', async () => {
    const by = owner();
    const input = written(parseJobInput(coin));
    const first = await submit(store, by, input, cause('c-1'));
    expect((await submit(store, by, input, cause('c-1'))).jobId).toBe(first.jobId);
    await expect(submit(store, by, input, { ...cause('c-1'), fingerprint: 'other' })).rejects.toBeInstanceOf(
      CommandReused,
    );
    expect((await listJobs(database.pool, { projectIds: [by.projectId], limit: 10 })).items).toHaveLength(1);
  });

  it('are listed newest first, page by page, though some are deleted between the pages', async () => {
    const by = owner();
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.unshift(await submitted(store, by));
    const first = await listJobs(database.pool, { projectIds: [by.projectId], limit: 3 });
    expect(first.items.map(({ jobId }) => jobId)).toEqual(ids.slice(0, 3));
    await deleteJob(store, ids[2] ?? '', cause());
    const second = await listJobs(database.pool, {
      projectIds: [by.projectId],
      limit: 3,
      after: parseCursor(first.next ?? ''),
    });
    expect(second.items.map(({ jobId }) => jobId)).toEqual(ids.slice(3, 6));
    const third = await listJobs(database.pool, {
      projectIds: [by.projectId],
      limit: 3,
      after: parseCursor(second.next ?? ''),
    });
    expect(third).toEqual({ items: [expect.objectContaining({ jobId: ids[6] })] });
  });

  it('are listed by status and backend', async () => {
    const by = owner();
    const [one, other] = [await submitted(store, by), await submitted(store, by)];
    await handle(store, job, one, { type: 'CancelJob' }, cause());
    const listed = async (filter: object) =>
      (await listJobs(database.pool, { projectIds: [by.projectId], limit: 10, ...filter })).items.map(
        ({ jobId }) => jobId,
      );
    expect(await listed({ status: 'canceled' })).toEqual([one]);
    expect(await listed({ status: 'submitted' })).toEqual([other]);
    expect(await listed({ backend: 'elsewhere' })).toEqual([]);
    expect(await read(by.projectId, one)).toMatchObject({
      failureCode: 'job/canceled',
      failureMessage: 'The job was canceled.',
    });
  });

  it.each([['nonsense'], ['1.2'], [`zzzzzzzzzz.${'0'.repeat(36)}`], ['']])(
    'take no place %p that no list has given out',
    (text) => {
      expect(parseCursor(text)).toBeUndefined();
    },
  );
});
