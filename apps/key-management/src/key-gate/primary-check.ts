import { Problem, Time } from '#platform';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';

/** An isolated old primary can still be read, but its writes are not acknowledged: a read counts only this long after a write that was. */
const WRITTEN_WITHIN_MS = 2_000;
const REFRESH_AFTER_MS = 1_000;
const TRIES_MAX = 3;

/**
 * Whether what was read came from the primary: it takes writes. writeCountsFromSending: a write's acknowledgement may have been
 * under way for long. A write is made when a read asks and the last one is a second old, so an idle service writes nothing.
 */
@Injectable()
export class PrimaryCheck {
  private sentAt = -Infinity;
  private writing: Promise<void> | undefined;

  constructor(
    private readonly pool: Pool,
    private readonly time: Time,
  ) {}

  /** Called when all that an answer rests on has been read. @throws when nothing can be written. */
  async require(): Promise<void> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const age = this.time.monotonic() - this.sentAt;
      if (age >= WRITTEN_WITHIN_MS) await this.write();
      else if (age >= REFRESH_AFTER_MS) this.write().catch(() => undefined);
      if (this.time.monotonic() - this.sentAt < WRITTEN_WITHIN_MS) return;
    }
    throw new Problem(
      'service/unavailable',
      'The database takes no writes in time, so it may not be the one that is written to. Try again shortly.',
      { retryAfterSeconds: 1 },
    );
  }

  private write(): Promise<void> {
    this.writing ??= this.commit(this.time.monotonic()).finally(() => {
      this.writing = undefined;
    });
    return this.writing;
  }

  /** Nothing but a record in the write-ahead log, whose commit waits as long as any other: on this disk and those that must confirm it. */
  private async commit(sentAt: number) {
    await this.pool.query("SELECT pg_logical_emit_message(true, 'rollcall', '')");
    this.sentAt = sentAt;
  }
}
