import { createHash, randomUUID } from 'node:crypto';
import { type Cause, type EventStore, handle } from '#event-sourcing';
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
  const jobId = cause.commandId === undefined ? randomUUID() : idFrom(cause.commandId);
  const childIds = Array.from({ length: input.childCount }, () => randomUUID());
  const handled = await store.transact(async (inside, tx) => {
    const done = await handle(
      inside,
      job,
      jobId,
      { type: 'SubmitJob', projectId, accountId, keyId, backend: input.backend, childIds },
      cause,
    );
    if (done.events.length > 0) await writeInput(tx, jobId, organizationId, input);
    return done;
  });
  return { jobId, handled };
}

/** The job, its input and its results. */
export const deleteJob = (store: EventStore, jobId: string, cause: Cause) =>
  store.transact(async (inside, tx) => {
    const done = await handle(inside, job, jobId, { type: 'DeleteJob' }, cause);
    await deleteContents(tx, jobId);
    return done;
  });

function idFrom(commandId: string): string {
  const bytes = createHash('sha256').update(`job|${commandId}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
