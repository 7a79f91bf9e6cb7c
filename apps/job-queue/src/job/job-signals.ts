/** What whoever works on jobs is told by whoever changes them. */
export abstract class JobSignals {
  /** A job waits. */
  abstract ring(): void;
  /** A job is not wanted any more. */
  abstract stop(jobId: string): void;
}
