import type { inactivity } from '#contracts';
import { within } from '#event-sourcing';
import { Clock, errorFields, LOGGER, type Logger, Peers } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Journal } from './journal.ts';

const WRITE_MS = 50;
const BATCH_MAX = 500;
const DAY_MS = 86_400_000;
const CONTEXT = { correlationId: 'activity', actor: 'service:gateway', timeoutMs: 2_000 };

/**
 * Which accounts were active today: one record per account, kind and UTC day, written before the first request of the day is answered.
 * A write that takes longer than 50 ms no longer delays the request; it is kept, `Heartbeat` retries it and reports meanwhile that records are
 * missing.
 */
@Injectable()
export class Activity {
  private day = 0;
  private readonly recorded = { session: new Set<string>(), api: new Set<string>() };
  /** Accounts whose first request of the day waits for its record: further requests of them wait with it. */
  private readonly waiting = new Map<string, Promise<void>>();
  private readonly kept = new Map<string, inactivity.Activity>();
  /** Where records that are kept are written down, for the case that this process is killed. */
  journal: Pick<Journal, 'keep' | 'clear'> | undefined;

  constructor(
    private readonly peers: Peers,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** How many records have not been written yet. */
  get keptCount(): number {
    return this.kept.size;
  }

  /** All use before this instant is recorded: it holds at the oldest record that is kept. */
  watermark(): Date {
    const times = [...this.kept.values()].map(({ occurredAt }) => Date.parse(occurredAt));
    return new Date(times.reduce((a, b) => Math.min(a, b), this.clock.now().getTime()));
  }

  /** Answers nothing where today's record is there already, which is nearly always: then it costs next to nothing. */
  record(accountId: string, kind: 'session' | 'api'): Promise<void> | undefined {
    const now = this.clock.now();
    const day = Math.floor(now.getTime() / DAY_MS);
    if (day !== this.day) this.begin(day);
    return this.recorded[kind].has(accountId) ? undefined : this.first(accountId, kind, now);
  }

  /** Writes what is kept, oldest first, until nothing is or a write fails. */
  async writeKept(): Promise<void> {
    while (this.kept.size > 0 && (await this.write([...this.kept.keys()].slice(0, BATCH_MAX))));
  }

  private begin(day: number) {
    this.day = day;
    this.recorded.session.clear();
    this.recorded.api.clear();
  }

  private first(accountId: string, kind: 'session' | 'api', now: Date): Promise<void> {
    const key = `${accountId}|${kind}|${this.day}`;
    const known = this.waiting.get(key);
    if (known) return known;
    const day = this.day;
    this.kept.set(key, { accountId, kind, occurredAt: now.toISOString() });
    const waited = within(WRITE_MS, () => this.write([key]))
      .catch(() => undefined)
      .then(() => {
        this.waiting.delete(key);
        this.noteKept(key);
        if (this.day === day) this.recorded[kind].add(accountId);
      });
    this.waiting.set(key, waited);
    return waited;
  }

  private noteKept(key: string) {
    const activity = this.kept.get(key);
    if (!activity || !this.journal) return;
    try {
      this.journal.keep(activity);
    } catch (error) {
      this.logger.error(
        errorFields(error),
        'activity is kept in memory alone: should this process be killed, an operator must close the gap (rollcall inactivity gaps)',
      );
      this.journal = undefined;
    }
  }

  private async write(keys: readonly string[]): Promise<boolean> {
    const activities = keys.flatMap((key) => this.kept.get(key) ?? []);
    try {
      await this.peers.of('inactivity-policy', 'Inactivity').recordActivity({ activities }, CONTEXT);
      for (const key of keys) this.kept.delete(key);
      if (this.kept.size === 0) this.journal?.clear();
      return true;
    } catch (error) {
      this.logger.warn(errorFields(error), 'activity could not be recorded; it is kept and tried again');
      return false;
    }
  }
}
