import { setTimeout as delay } from 'node:timers/promises';
import type { Topic } from '#contracts';
import { Loop, type Sql } from '#event-sourcing';
import type { Alarm, Follower, Following } from '../port/bus.ts';
import { LeaderLease } from '../port/leader-lease.ts';
import type { SharedReads } from './bus-reader.ts';
import type { Tails } from './tails.ts';

const BATCH_MAX = 500;
const HALT_MS = 30_000;

/** What members of groups share. */
export interface Membership {
  readonly sql: Sql;
  readonly tails: Tails;
  readonly reads: SharedReads;
  readonly alarm: Alarm;
  readonly leaseMs?: number | undefined;
}

/** One member of a group: reads all topics of the group while it holds the group's lease. */
export class GroupMember implements Following {
  private readonly lease: LeaderLease;
  private readonly loop: Loop;
  private opened = false;

  constructor(
    private readonly bus: Membership,
    private readonly group: string,
    private readonly topics: readonly Topic[],
    private readonly follower: Follower,
  ) {
    this.lease = new LeaderLease(bus.sql, 'bus_groups', group, bus.leaseMs);
    this.loop = new Loop((signal) => this.turn(signal), {
      alarm: (error) => {
        bus.alarm(`bus group ${group}`, error);
      },
    });
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    await this.lease.release().catch(() => undefined);
  }

  private async turn(signal: AbortSignal): Promise<number> {
    if (await this.held()) await this.serve(signal);
    return this.lease.ms / 3;
  }

  /** Reads until the lease is lost or it is stopped. */
  private async serve(signal: AbortSignal) {
    const { epoch } = this.lease;
    const readers = this.topics.map((topic) => ({ topic, loop: this.reader(topic) }));
    for (const { loop } of readers) loop.start();
    while (!signal.aborted && this.lease.epoch === epoch) {
      await pause(this.lease.ms / 3, signal);
      if (!signal.aborted) await this.held();
    }
    await Promise.all(
      readers.map(async ({ topic, loop }) => {
        await loop.stop();
        this.follower.revoked({ topic, partition: 0 });
      }),
    );
  }

  /** A bus that does not answer is no reason to give up what is held: if another member took it over meanwhile, that is seen afterwards. */
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

  private reader(topic: Topic): Loop {
    let offset: number | undefined;
    return new Loop(
      async (signal) => {
        const begin = offset ?? (await this.follower.assigned({ topic, partition: 0 }));
        offset = begin === 'halt' ? undefined : await this.next(topic, begin, signal);
        return begin === 'halt' ? HALT_MS : 0;
      },
      {
        alarm: (error) => {
          this.bus.alarm(`bus group ${this.group}, ${topic}`, error);
        },
      },
    );
  }

  /** Where to go on; undefined when the follower must be asked again. */
  private async next(topic: Topic, offset: number, signal: AbortSignal): Promise<number | undefined> {
    await this.bus.tails.beyond(topic, offset, signal);
    if (signal.aborted) return offset;
    const records = await this.bus.reads.read(topic, offset, BATCH_MAX);
    if (signal.aborted) return offset;
    // Offsets have no holes: what is missing here was pruned, and the follower must know.
    if (records[0]?.offset !== offset) return undefined;
    const resume = await this.follower.receive({ topic, partition: 0 }, records);
    if (resume.afterMs !== undefined) await pause(resume.afterMs, signal);
    return resume.offset;
  }
}

const pause = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }).catch(() => undefined);
