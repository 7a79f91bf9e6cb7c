import type { Topic } from '#contracts';
import { Doorbell, type Sql } from '#event-sourcing';
import { BackOff } from '../port/back-off.ts';
import type { Alarm, Follower, Following } from '../port/bus.ts';
import { Lease } from '../port/lease.ts';
import { readRecords } from './bus-reader.ts';
import type { Tails } from './tails.ts';

const BATCH_MAX = 500;
const HALT_MS = 30_000;

/** What members of groups share. */
export interface Membership {
  readonly sql: Sql;
  readonly tails: Tails;
  readonly alarm: Alarm;
  readonly leaseMs?: number | undefined;
}

/** One member of a group: reads all topics of the group while it holds the group's lease. */
export class GroupMember implements Following {
  private readonly lease: Lease;
  private readonly bell = new Doorbell();
  private readonly running: Promise<void>;
  private stopped = false;
  private opened = false;

  constructor(
    private readonly bus: Membership,
    private readonly group: string,
    private readonly topics: readonly Topic[],
    private readonly follower: Follower,
  ) {
    this.lease = new Lease(bus.sql, 'bus_groups', group, bus.leaseMs);
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.bell.ring();
    await this.running;
  }

  private async run() {
    while (!this.stopped) {
      if (await this.held()) await this.serve();
      if (!this.stopped) await this.bell.wait(this.lease.ms / 3);
    }
    await this.lease.release().catch(() => undefined);
  }

  /** Reads until the lease is lost or it is stopped. */
  private async serve() {
    const session = new AbortController();
    const epoch = this.lease.epoch;
    const readers = this.topics.map((topic) => this.read(topic, session.signal));
    while (!this.stopped && this.lease.epoch === epoch) {
      await this.bell.wait(this.lease.ms / 3);
      if (!this.stopped) await this.held();
    }
    session.abort();
    await Promise.all(readers);
  }

  /** A bus that does not answer is no reason to give up what is held: whoever took it over meanwhile is seen afterwards. */
  private async held(): Promise<boolean> {
    try {
      if (!this.opened) await this.lease.open();
      this.opened = true;
      return await this.lease.hold();
    } catch (error) {
      this.bus.alarm(`bus group ${this.group}`, error);
      return false;
    }
  }

  private async read(topic: Topic, signal: AbortSignal) {
    const partition = { topic, partition: 0 };
    const backOff = new BackOff();
    let offset: number | undefined;
    while (!signal.aborted) {
      try {
        const begin = offset ?? (await this.follower.assigned(partition));
        offset = begin === 'halt' ? undefined : await this.next(topic, begin, signal);
        if (begin === 'halt') await pause(HALT_MS, signal);
        backOff.reset();
      } catch (error) {
        this.bus.alarm(`bus group ${this.group}, ${topic}`, error);
        await pause(backOff.next(), signal);
      }
    }
    this.follower.revoked(partition);
  }

  /** Where to go on; undefined when the follower must be asked again. */
  private async next(topic: Topic, offset: number, signal: AbortSignal): Promise<number | undefined> {
    await this.bus.tails.beyond(topic, offset, signal);
    if (signal.aborted) return offset;
    const records = await readRecords(this.bus.sql, topic, offset, BATCH_MAX);
    if (signal.aborted) return offset;
    // Offsets have no holes: what is missing here was pruned, and the follower must know.
    if (records[0]?.offset !== offset) return undefined;
    const resume = await this.follower.receive({ topic, partition: 0 }, records);
    if (resume.afterMs !== undefined) await pause(resume.afterMs, signal);
    return resume.offset;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
