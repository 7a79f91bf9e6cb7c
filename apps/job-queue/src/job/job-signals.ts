/** Wakes the executors of jobs when a job changes. */
export abstract class JobSignals {
  /** A job waits. */
  abstract ring(): void;
  /** A job is not wanted any more. */
  abstract stop(jobId: string): void;
}
