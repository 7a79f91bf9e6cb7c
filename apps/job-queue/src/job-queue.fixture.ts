import { serviceHarness } from '#testing';
import { jobQueue } from './job-queue.module.ts';

/** The service with one simulator and a short lease, called over gRPC as the gateway and as others would. */
export async function runJobQueue() {
  const harness = await serviceHarness([
    { service: jobQueue, config: async () => ({ simulators: 1, jobTimeoutSeconds: 60, leaseSeconds: 3 }) },
  ]);
  return {
    harness,
    jobs: harness.peer('gateway').of('job-queue', 'Jobs'),
    asOrganization: harness.peer('organization').of('job-queue', 'Jobs'),
  };
}
