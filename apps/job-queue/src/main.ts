import { runService } from '#platform';
import { jobQueue } from './job-queue.module.ts';

await runService(jobQueue);
