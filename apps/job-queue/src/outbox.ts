import type { Fact } from '#contracts';
import type { RecordedEvent } from '#event-sourcing';
import type { JobEvent } from './job/job.decider.ts';

/** Own event to public fact. The only way out; what is not named here stays inside. */
export function publish({ id: jobId, event }: RecordedEvent): Fact | 'private' {
  const known = event as JobEvent;
  switch (known.type) {
    case 'JobSubmitted': {
      const { projectId, accountId, keyId, backend } = known.data;
      return { name: 'JobSubmitted.v1', data: { jobId, projectId, accountId, keyId, backend } };
    }
    case 'JobCompleted':
      return { name: 'JobCompleted.v1', data: { jobId, projectId: known.data.projectId } };
    case 'JobFailed':
      return { name: 'JobFailed.v1', data: { jobId, projectId: known.data.projectId, code: known.data.code } };
    case 'JobCanceled':
      return { name: 'JobCanceled.v1', data: { jobId, projectId: known.data.projectId } };
    case 'JobStarted':
    case 'JobDeleted':
      return 'private';
  }
}
