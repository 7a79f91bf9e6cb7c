import type { jobQueue } from '#contracts';
import { type Client, clientOf, ionqJob, isOfSeveral } from './job-view.ts';

const completed: jobQueue.Job = {
  jobId: '01890a5d-ac96-774b-bcce-b302099a8060',
  projectId: '01890a5d-ac96-774b-bcce-b302099a8058',
  accountId: '01890a5d-ac96-774b-bcce-b302099a8057',
  keyId: '01890a5d-ac96-774b-bcce-b302099a8059',
  status: 'completed',
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  dryRun: false,
  shots: 100,
  submittedAt: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:01.000Z',
  completedAt: '2026-01-01T00:00:02.000Z',
  childJobIds: [],
  metadata: '{"run":"7"}',
  settings: '',
  noise: '',
  stats: '{"qubits":2}',
  output: '',
  executionDurationMs: 12,
  projectName: 'Mill',
  hasSamples: false,
};

const asRead = (change: Partial<jobQueue.Job> = {}, client?: Client) =>
  JSON.parse(ionqJob({ ...completed, ...change }, client)) as Record<string, unknown>;

describe('a job as the clients read it', () => {
  it('says what is not there by null, never by leaving it out', () => {
    expect(
      asRead({ status: 'submitted', startedAt: undefined, completedAt: undefined, executionDurationMs: undefined }),
    ).toMatchObject({
      name: null,
      parent_job_id: null,
      session_id: null,
      started_at: null,
      completed_at: null,
      execution_duration_ms: null,
      predicted_execution_duration_ms: 0,
      results: null,
      failure: null,
    });
  });

  it("hands out its owner's JSON as it came, and an object where there is none", () => {
    const metadata = '{"a": 1.50,\n "b":"\\u00e9"}';
    expect(ionqJob({ ...completed, metadata }, undefined)).toContain(`"metadata":${metadata},"settings":{},`);
    expect(asRead()).toMatchObject({ metadata: { run: '7' }, settings: {}, stats: { qubits: 2 }, output: {} });
  });

  it('says that noise is ideal, unless its owner asked for another', () => {
    expect(asRead()).toMatchObject({ noise: { model: 'ideal' } });
    expect(asRead({ noise: '{"model":"aria-1","seed":4}' })).toMatchObject({ noise: { model: 'aria-1', seed: 4 } });
  });

  it('links results of what has run alone: probabilities always, samples where there are any', () => {
    const { jobId } = completed;
    expect(asRead().results).toEqual({
      probabilities: {
        url: `/v0.4/jobs/${jobId}/results/probabilities`,
        id: jobId,
        format: 'ionq.result.probabilities.json.v1',
        media_type: 'application/json',
      },
    });
    expect(asRead({ hasSamples: true }).results).toMatchObject({
      probabilities: { id: jobId },
      shots: { id: 'shots', url: `/v0.4/jobs/${jobId}/results/shots` },
      histogram: { id: 'histogram', format: 'ionq.result.histogram.json.v1' },
    });
    for (const change of [{ status: 'started' }, { status: 'failed' }, { dryRun: true }])
      expect(asRead({ hasSamples: true, ...change }).results).toBeNull();
  });

  it.each([
    ['simulator/too-large', 'TooManyQubits'],
    ['job/canceled', 'JobCanceled'],
    ['simulator/broke', 'SimulationError'],
  ])('names the failure %s by the word of the service that clients know: %s', (failureCode, code) => {
    expect(asRead({ status: 'failed', failureCode, failureMessage: 'Why.' }).failure).toEqual({
      code,
      message: 'Why.',
      error: 'Why.',
    });
  });

  it('says that it was canceled where nothing else is known', () => {
    expect(asRead({ status: 'canceled' }).failure).toEqual({
      code: 'JobCanceled',
      message: 'The job was canceled.',
      error: 'The job was canceled.',
    });
  });

  it('has no word of a failure for Cirq, which looks into one that is there, unless there is one', () => {
    expect(asRead({}, 'cirq')).not.toHaveProperty('failure');
    for (const status of ['failed', 'canceled']) expect(asRead({ status }, 'cirq')).toHaveProperty('failure.code');
    expect(asRead({}, 'qiskit')).toHaveProperty('failure', null);
  });

  it('warns Qiskit alone, of completed jobs of several circuits alone', () => {
    const several = { type: 'ionq.multi-circuit.v1' };
    expect(asRead(several, 'qiskit')).toHaveProperty('warning.messages.0', expect.stringContaining('shows zeros'));
    expect(asRead({ parentJobId: completed.keyId }, 'qiskit')).toHaveProperty('warning');
    for (const [change, client] of [
      [{}, 'qiskit'],
      [{ ...several, status: 'started' }, 'qiskit'],
      [several, 'cirq'],
      [several, undefined],
    ] as const)
      expect(asRead(change, client)).not.toHaveProperty('warning');
  });
});

it('a client is known by how its name begins, in any case', () => {
  expect(
    ['cirq-ionq/1.4', 'Qiskit-IonQ/0.5 (qiskit-terra 1.0)', 'curl/8 qiskit', '', undefined].map((agent) =>
      clientOf({ 'user-agent': agent }),
    ),
  ).toEqual(['cirq', 'qiskit', undefined, undefined, undefined]);
});

it('of several circuits is a job that has them, and each of them', () => {
  expect(
    [{}, { type: 'ionq.multi-circuit.v1' }, { parentJobId: completed.keyId }].map((change) =>
      isOfSeveral({ ...completed, ...change }),
    ),
  ).toEqual([false, true, true]);
});
