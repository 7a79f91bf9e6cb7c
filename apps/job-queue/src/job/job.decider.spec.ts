import fc from 'fast-check';
import { fold, isRefusal } from '#event-sourcing';
import { given } from '#testing';
import { ATTEMPTS_MAX, job, type JobCommand, type JobEvent, type SubmitJob } from './job.decider.ts';

const about = { projectId: 'p', accountId: 'a', keyId: 'k', backend: 'simulator', childIds: [] };
const submit: SubmitJob = { type: 'SubmitJob', ...about, dryRun: false };
const submitted: JobEvent = { type: 'JobSubmitted', data: about };
const started = (attempt = 1): JobEvent => ({ type: 'JobStarted', data: { attempt } });
const completed: JobEvent = { type: 'JobCompleted', data: { projectId: 'p', executionMs: 12 } };
const failed: JobEvent = {
  type: 'JobFailed',
  data: { projectId: 'p', code: 'simulator/timeout', detail: 'Too long.' },
};
const canceled: JobEvent = { type: 'JobCanceled', data: { projectId: 'p' } };
const deleted: JobEvent = { type: 'JobDeleted', data: {} };
const complete = (attempt = 1): JobCommand => ({ type: 'CompleteJob', attempt, executionMs: 12 });
const fail = (attempt = 1): JobCommand => ({
  type: 'FailJob',
  attempt,
  code: 'simulator/timeout',
  detail: 'Too long.',
});

describe('SubmitJob', () => {
  it('puts the job in the queue, with a child for each circuit', () => {
    given(job, [])
      .when({ ...submit, childIds: ['c1', 'c2'] })
      .then([{ type: 'JobSubmitted', data: { ...about, childIds: ['c1', 'c2'] } }]);
  });
  it('adds nothing when it is retried', () => {
    given(job, [submitted, started()]).when(submit).thenNothing();
  });
  it('ends a dry run before it began, and adds nothing when that is retried', () => {
    const done: JobEvent = { type: 'JobCompleted', data: { projectId: 'p', executionMs: 0 } };
    given(job, [])
      .when({ ...submit, dryRun: true })
      .then([submitted, done]);
    given(job, [submitted, done])
      .when({ ...submit, dryRun: true })
      .thenNothing();
  });
});

describe('StartJob', () => {
  it('starts what waits', () => {
    given(job, [submitted]).when({ type: 'StartJob', again: false }).then([started()]);
  });
  it('goes on with what has started', () => {
    given(job, [submitted, started()]).when({ type: 'StartJob', again: false }).thenNothing();
  });
  it('starts again what was under way when its executor died', () => {
    given(job, [submitted, started(), started(2)])
      .when({ type: 'StartJob', again: true })
      .then([started(3)]);
  });
  it('tries it ten times', () => {
    const attempts = Array.from({ length: ATTEMPTS_MAX - 1 }, (_, index) => started(index + 1));
    given(job, [submitted, ...attempts])
      .when({ type: 'StartJob', again: true })
      .then([started(10)]);
  });
  it('gives up on a job that takes its process down every time', () => {
    const attempts = Array.from({ length: ATTEMPTS_MAX }, (_, index) => started(index + 1));
    given(job, [submitted, ...attempts])
      .when({ type: 'StartJob', again: true })
      .then([
        {
          type: 'JobFailed',
          data: { projectId: 'p', code: 'simulator/lost', detail: expect.stringContaining('10 times') as string },
        },
      ]);
  });
  it.each([[canceled], [deleted], [completed], [failed]])('leaves alone what has ended', (end) => {
    given(job, [submitted, started(), end]).when({ type: 'StartJob', again: true }).thenNothing();
  });
  it('is refused for a job that nobody submitted', () => {
    given(job, []).when({ type: 'StartJob', again: true }).thenRefused('job/unknown');
  });
});

describe('CompleteJob', () => {
  it('ends the attempt that is under way', () => {
    given(job, [submitted, started()]).when(complete()).then([completed]);
  });
  it('counts once', () => {
    given(job, [submitted, started(), completed]).when(complete()).thenNothing();
  });
  it('drops the outcome of an attempt that was given up', () => {
    given(job, [submitted, started(), started(2)])
      .when(complete(1))
      .thenNothing();
  });
  it('drops what comes after a cancel', () => {
    given(job, [submitted, started(), canceled]).when(complete()).thenNothing();
    // Nor does a start that was told late bring it back.
    given(job, [submitted, canceled, started()]).when(complete()).thenNothing();
  });
  it('drops an outcome without an attempt', () => {
    given(job, [submitted]).when(complete()).thenNothing();
  });
  it('is refused for a job that nobody submitted', () => {
    given(job, []).when(complete()).thenRefused('job/unknown');
  });
});

describe('FailJob', () => {
  it('ends the job and keeps the reason', () => {
    given(job, [submitted, started()]).when(fail()).then([failed]);
  });
  it('counts once', () => {
    given(job, [submitted, started(), failed]).when(fail()).thenNothing();
  });
  it('does not undo a result', () => {
    given(job, [submitted, started(), completed]).when(fail()).thenNothing();
  });
  it('drops an outcome without an attempt', () => {
    given(job, [submitted]).when(fail()).thenNothing();
  });
});

describe('CancelJob', () => {
  it('takes the job out of the queue', () => {
    given(job, [submitted]).when({ type: 'CancelJob' }).then([canceled]);
  });
  it('ends a job that runs', () => {
    given(job, [submitted, started()]).when({ type: 'CancelJob' }).then([canceled]);
  });
  it('adds nothing when it is retried', () => {
    given(job, [submitted, canceled]).when({ type: 'CancelJob' }).thenNothing();
  });
  it('is refused when the job has ended', () => {
    for (const end of [completed, failed])
      given(job, [submitted, started(), end]).when({ type: 'CancelJob' }).thenRefused('job/not-cancelable');
  });
  it('says how it has ended', () => {
    for (const [end, word] of [
      [completed, 'completed'],
      [failed, 'failed'],
    ] as const)
      expect(job.decide({ type: 'CancelJob' }, fold(job, [submitted, started(), end]))).toMatchObject({
        detail: expect.stringContaining(word) as string,
      });
  });
  it('is refused for a job that nobody submitted or that was deleted', () => {
    given(job, []).when({ type: 'CancelJob' }).thenRefused('job/unknown');
    given(job, [submitted, canceled, deleted]).when({ type: 'CancelJob' }).thenRefused('job/unknown');
  });
});

describe('DeleteJob', () => {
  it('deletes what has ended', () => {
    for (const end of [completed, failed, canceled])
      given(job, [submitted, started(), end]).when({ type: 'DeleteJob' }).then([deleted]);
  });
  it('cancels what waits or runs first', () => {
    given(job, [submitted, started()]).when({ type: 'DeleteJob' }).then([canceled, deleted]);
  });
  it('adds nothing when it is retried', () => {
    given(job, [submitted, canceled, deleted]).when({ type: 'DeleteJob' }).thenNothing();
  });
  it('is refused for a job that nobody submitted', () => {
    given(job, []).when({ type: 'DeleteJob' }).thenRefused('job/unknown');
  });
});

describe('a job, whatever is asked of it in whatever order', () => {
  const attempt = fc.integer({ min: 1, max: 12 });
  const commands = fc.array(
    fc.oneof(
      fc.constantFrom<JobCommand>(submit, { type: 'CancelJob' }, { type: 'DeleteJob' }),
      { arbitrary: fc.constant<JobCommand>({ type: 'StartJob', again: true }), weight: 4 },
      attempt.map(complete),
      attempt.map(fail),
    ),
    { maxLength: 40 },
  );

  const carryOut = (past: readonly JobEvent[], command: JobCommand): readonly JobEvent[] => {
    const decision = job.decide(command, fold(job, past));
    return isRefusal(decision) ? past : [...past, ...decision];
  };

  it('is submitted once, ends at most once, and does not move after its end but to be deleted', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const types = list.reduce(carryOut, []).map((event) => event.type);
        const ends = types.flatMap((type, index) =>
          type === 'JobCompleted' || type === 'JobFailed' || type === 'JobCanceled' ? [index] : [],
        );
        expect(types.filter((type) => type === 'JobSubmitted').length).toBe(types.length > 0 ? 1 : 0);
        expect(ends.length).toBeLessThanOrEqual(1);
        expect(types.slice((ends[0] ?? types.length) + 1).every((type) => type === 'JobDeleted')).toBe(true);
        expect(types.filter((type) => type === 'JobDeleted').length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  it('comes to nothing new when a command is given twice in a row, but a start', () => {
    fc.assert(
      fc.property(commands, commands, (list, [command]) => {
        if (!command || command.type === 'StartJob') return;
        const once = carryOut(list.reduce(carryOut, []), command);
        expect(carryOut(once, command)).toEqual(once);
      }),
      { numRuns: 500 },
    );
  });
});
