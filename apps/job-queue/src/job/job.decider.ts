import { type Decider, refuse } from '#event-sourcing';

/** Ids only: what the job computes, and what came out, lie in tables beside the log. */
export type JobEvent =
  | {
      readonly type: 'JobSubmitted';
      readonly data: {
        readonly projectId: string;
        readonly accountId: string;
        readonly keyId: string;
        readonly backend: string;
        readonly childIds: readonly string[];
      };
    }
  | { readonly type: 'JobStarted'; readonly data: { readonly attempt: number } }
  | { readonly type: 'JobCompleted'; readonly data: { readonly projectId: string; readonly executionMs: number } }
  | {
      readonly type: 'JobFailed';
      readonly data: { readonly projectId: string; readonly code: string; readonly detail: string };
    }
  | { readonly type: 'JobCanceled'; readonly data: { readonly projectId: string } }
  | { readonly type: 'JobDeleted'; readonly data: Record<string, never> };

type Running =
  | { readonly status: 'submitted'; readonly projectId: string }
  | { readonly status: 'started'; readonly projectId: string; readonly attempt: number };

export type Job =
  { readonly status: 'unsubmitted' } | Running | { readonly status: 'completed' | 'failed' | 'canceled' | 'deleted' };

export interface SubmitJob {
  readonly type: 'SubmitJob';
  readonly projectId: string;
  readonly accountId: string;
  readonly keyId: string;
  readonly backend: string;
  /** One for each circuit of a multi-circuit job, in their order. */
  readonly childIds: readonly string[];
  /** Judged and estimated, and never run. */
  readonly dryRun: boolean;
}
/** `again`: the executor of the last attempt died over it. Without it a job that has started goes on. */
export interface StartJob {
  readonly type: 'StartJob';
  readonly again: boolean;
}
export interface CompleteJob {
  readonly type: 'CompleteJob';
  readonly attempt: number;
  readonly executionMs: number;
}
export interface FailJob {
  readonly type: 'FailJob';
  readonly attempt: number;
  readonly code: string;
  readonly detail: string;
}
export interface CancelJob {
  readonly type: 'CancelJob';
}
export interface DeleteJob {
  readonly type: 'DeleteJob';
}

export type JobCommand = SubmitJob | StartJob | CompleteJob | FailJob | CancelJob | DeleteJob;
export type JobProblem = 'job/unknown' | 'job/not-cancelable';

export const job: Decider<JobCommand, Job, JobEvent, JobProblem> = {
  category: 'job',
  initial: { status: 'unsubmitted' },
  decide(command, state) {
    switch (command.type) {
      case 'SubmitJob':
        return submit(command, state);
      case 'StartJob':
        return start(command, state);
      case 'CompleteJob':
        return complete(command, state);
      case 'FailJob':
        return fail(command, state);
      case 'CancelJob':
        return cancel(state);
      case 'DeleteJob':
        return remove(state);
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'JobSubmitted':
        return { status: 'submitted', projectId: event.data.projectId };
      case 'JobStarted':
        return isRunning(state)
          ? { status: 'started', projectId: state.projectId, attempt: event.data.attempt }
          : state;
      case 'JobCompleted':
        return { status: 'completed' };
      case 'JobFailed':
        return { status: 'failed' };
      case 'JobCanceled':
        return { status: 'canceled' };
      case 'JobDeleted':
        return { status: 'deleted' };
    }
  },
};

/** A job that has taken its process down this often is not tried again. */
export const ATTEMPTS_MAX = 10;

const unknown = () => refuse('job/unknown', 'No job has this id.');

function submit({ type: _, dryRun, ...data }: SubmitJob, state: Job) {
  if (state.status !== 'unsubmitted') return [];
  const submitted = { type: 'JobSubmitted', data } satisfies JobEvent;
  if (!dryRun) return [submitted];
  return [
    submitted,
    { type: 'JobCompleted', data: { projectId: data.projectId, executionMs: 0 } },
  ] satisfies JobEvent[];
}

function start({ again }: StartJob, state: Job) {
  if (state.status === 'unsubmitted') return unknown();
  if (!isRunning(state)) return [];
  if (state.status === 'started' && !again) return [];
  const attempt = state.status === 'started' ? state.attempt + 1 : 1;
  if (attempt > ATTEMPTS_MAX) return [lost(state)];
  return [{ type: 'JobStarted', data: { attempt } }] satisfies JobEvent[];
}

function complete({ attempt, executionMs }: CompleteJob, state: Job) {
  return whileRunning(attempt, state, (projectId) => ({ type: 'JobCompleted', data: { projectId, executionMs } }));
}

function fail({ attempt, code, detail }: FailJob, state: Job) {
  return whileRunning(attempt, state, (projectId) => ({ type: 'JobFailed', data: { projectId, code, detail } }));
}

/** An outcome counts once, and only from the attempt that is under way: what comes later, or after a cancel, is dropped. */
function whileRunning(attempt: number, state: Job, event: (projectId: string) => JobEvent) {
  if (state.status === 'unsubmitted') return unknown();
  return state.status === 'started' && state.attempt === attempt ? [event(state.projectId)] : [];
}

function cancel(state: Job) {
  switch (state.status) {
    case 'unsubmitted':
    case 'deleted':
      return unknown();
    case 'canceled':
      return [];
    case 'completed':
    case 'failed':
      return refuse('job/not-cancelable', `The job has already ${state.status}: there is nothing to cancel.`);
    case 'submitted':
    case 'started':
      return [canceled(state)];
  }
}

/** Deleting what still waits or runs cancels it first, so that followers of cancels hear of it. */
function remove(state: Job) {
  if (state.status === 'unsubmitted') return unknown();
  if (state.status === 'deleted') return [];
  return isRunning(state) ? [canceled(state), deleted] : [deleted];
}

const isRunning = (state: Job): state is Running => state.status === 'submitted' || state.status === 'started';
const canceled = ({ projectId }: Running): JobEvent => ({ type: 'JobCanceled', data: { projectId } });
const deleted: JobEvent = { type: 'JobDeleted', data: {} };
const lost = ({ projectId }: Running): JobEvent => ({
  type: 'JobFailed',
  data: {
    projectId,
    code: 'simulator/lost',
    detail: `The simulator went down ${ATTEMPTS_MAX} times while it ran this job: use a smaller circuit.`,
  },
});
