/** Waits that double from `minMs` to `maxMs`, with a tenth of jitter so that many who failed at once do not come back at once. */
export class BackOff {
  private failures = 0;

  constructor(
    private readonly minMs = 50,
    private readonly maxMs = 5_000,
  ) {}

  /** How often it went wrong since it last went well. */
  get count(): number {
    return this.failures;
  }

  next(): number {
    const waitMs = Math.min(this.minMs * 2 ** this.failures, this.maxMs);
    this.failures++;
    return Math.round(waitMs * (0.9 + Math.random() * 0.2));
  }

  reset(): void {
    this.failures = 0;
  }
}
