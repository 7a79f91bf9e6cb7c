import { type Cause, type EventStore, handle, idOf } from '#event-sourcing';
import { v7 as uuid } from 'uuid';
import { job } from './job.decider.ts';
import { deleteContents, writeInput, type WrittenJob } from './job-contents.ts';

export interface Owner {
  readonly projectId: string;
  readonly organizationId: string;
  readonly accountId: string;
  readonly keyId: string;
}

/** Puts a job in the queue, with all that it computes, or not at all. A command id makes it one job however often it is sent. */
export async function submit(
  store: EventStore,
  { projectId, organizationId, accountId, keyId }: Owner,
  input: WrittenJob,
  cause: Cause,
) {
  const jobId = uuid();
  const childIds = Array.from({ length: input.childCount }, () => uuid());
  const handled = await store.transact(async (inside, tx) => {
    const done = await handle(
      inside,
      job,
      jobId,
      { type: 'SubmitJob', projectId, accountId, keyId, backend: input.backend, childIds, dryRun: input.dryRun },
      cause,
    );
    if (done.events.length > 0) await writeInput(tx, jobId, organizationId, input);
    return done;
  });
  // Sent again: the job is the one that was made then.
  return { jobId: idOf(handled.streamId, job.category), handled };
}

/** The job, its input and its results. */
export const deleteJob = (store: EventStore, jobId: string, cause: Cause) =>
  store.transact(async (inside, tx) => {
    const done = await handle(inside, job, jobId, { type: 'DeleteJob' }, cause);
    await deleteContents(tx, jobId);
    return done;
  });
