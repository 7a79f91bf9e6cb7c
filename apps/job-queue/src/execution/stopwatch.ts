/** How long simulators have worked, by the monotonic clock, which cannot be set. */
export class Stopwatch {
  private doneMs = 0;
  private since: number | undefined;
  private notedMs = 0;

  start(): void {
    this.since ??= performance.now();
  }

  stop(): void {
    this.doneMs = this.ms;
    this.since = undefined;
  }

  get ms(): number {
    return this.doneMs + (this.since === undefined ? 0 : performance.now() - this.since);
  }

  /** Milliseconds since the last call. */
  takeMs(): number {
    const ms = this.ms;
    const more = ms - this.notedMs;
    this.notedMs = ms;
    return more;
  }
}
