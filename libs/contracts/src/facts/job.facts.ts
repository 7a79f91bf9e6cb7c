import { z } from 'zod';
import { fact } from './fact.ts';

const id = z.uuid();
const topic = 'job-queue.jobs';
const A = '01890a5d-ac96-774b-bcce-b302099a8057';

/** What job-queue tells the others. */
export const jobFacts = {
  'JobSubmitted.v1': fact({
    name: 'JobSubmitted.v1',
    topic,
    says: 'The job waits for its turn; it stays even when its key goes.',
    schema: z.object({ jobId: id, projectId: id, accountId: id, keyId: id, backend: z.string() }),
    example: { jobId: A, projectId: A, accountId: A, keyId: A, backend: 'simulator' },
  }),
  'JobCompleted.v1': fact({
    name: 'JobCompleted.v1',
    topic,
    says: 'The job has results.',
    schema: z.object({ jobId: id, projectId: id }),
    example: { jobId: A, projectId: A },
  }),
  'JobFailed.v1': fact({
    name: 'JobFailed.v1',
    topic,
    says: 'The job ended without results.',
    schema: z.object({ jobId: id, projectId: id, code: z.string() }),
    example: { jobId: A, projectId: A, code: 'simulator/too-large' },
  }),
  'JobCanceled.v1': fact({
    name: 'JobCanceled.v1',
    topic,
    says: 'The job was canceled and will not run.',
    schema: z.object({ jobId: id, projectId: id }),
    example: { jobId: A, projectId: A },
  }),
} as const;
