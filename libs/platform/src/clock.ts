/** The one way to ask for the time. Leases, caller tokens and TLS use the real clock, never this one. */
export abstract class Clock {
  abstract now(): Date;
}

/** The machine's own time. */
export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }
}

/** The machine's time and an offset that a developer moves forward: 180 days pass in a minute. */
export class DevClock extends Clock {
  private offsetMs = 0;

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  /** Sets how far it is ahead of the machine. */
  setOffset(offsetMs: number): void {
    this.offsetMs = offsetMs;
  }
}
