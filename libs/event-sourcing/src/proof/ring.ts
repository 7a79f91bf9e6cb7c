/** An event as it was acknowledged to this process. */
export interface Promised {
  readonly streamId: string;
  readonly version: number;
  readonly eventId: string;
}

/**
 * What this process was promised since its last acknowledged heartbeat began: a copy that has that heartbeat has all that was promised
 * before, so these alone are looked for when the server was replaced. A second's worth of ids.
 */
export class Ring {
  private before: Promised[] = [];
  private since: Promised[] = [];

  /** An append was acknowledged. */
  note(events: readonly Promised[]): void {
    for (const { streamId, version, eventId } of events) this.since.push({ streamId, version, eventId });
  }

  /** A heartbeat begins. */
  begin(): void {
    this.before = this.before.length === 0 ? this.since : this.before.concat(this.since);
    this.since = [];
  }

  /** The heartbeat that began last was acknowledged. */
  acknowledged(): void {
    this.before = [];
  }

  /** A log that was reopened is not held to what came before. */
  forget(): void {
    this.before = [];
    this.since = [];
  }

  get all(): readonly Promised[] {
    return [...this.before, ...this.since];
  }

  get newest(): Promised | undefined {
    return this.since.at(-1) ?? this.before.at(-1);
  }
}
