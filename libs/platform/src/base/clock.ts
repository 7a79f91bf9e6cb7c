import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';

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

/**
 * The machine's time and an offset that a developer moves forward: 180 days pass in a minute. Processes that are given
 * the same file read one clock: it is looked at each time, which takes a microsecond. Who only reads it needs no right to
 * write: an operator's process beside the services runs as another user.
 */
export class DevClock extends Clock {
  private readonly offset = new BigInt64Array(1);
  private readonly file: number | undefined;

  constructor(private readonly path?: string) {
    super();
    this.file = path === undefined ? undefined : openSync(path, constants.O_RDONLY | constants.O_CREAT, 0o644);
  }

  now(): Date {
    if (this.file !== undefined) readSync(this.file, this.offset, 0, this.offset.byteLength, 0);
    return new Date(Date.now() + Number(this.offset[0]));
  }

  /** Sets how far it is ahead of the machine. */
  setOffset(offsetMs: number): void {
    this.offset[0] = BigInt(offsetMs);
    if (this.path === undefined) return;
    const file = openSync(this.path, constants.O_WRONLY);
    try {
      writeSync(file, this.offset, 0, this.offset.byteLength, 0);
    } finally {
      closeSync(file);
    }
  }
}
