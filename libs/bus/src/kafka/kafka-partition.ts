import { setTimeout as sleep } from 'node:timers/promises';
import type { Topic } from '#contracts';
import { BackOff } from '#event-sourcing';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { Alarm, BusRecord, Follower, Partition, Resume } from '../port/bus.ts';
import { Turn } from '../inbox/turn.ts';
import { fromKafka } from './kafka-record.ts';
import type { Pace } from './pace.ts';

const BATCH_MAX = 500;
// Shorter waits are not worth to stop fetching for.
const WAIT_HERE_MAX_MS = 150;

/** What a partition of a member needs. */
export interface KafkaPartitionOptions {
  readonly consumer: Consumer;
  /** The topic as the broker knows it. */
  readonly name: string;
  readonly topic: Topic;
  readonly partition: number;
  readonly follower: Follower;
  readonly alarm: Alarm;
  readonly pace: Pace;
}

/**
 * A partition from the moment a member gets it until it loses it. It is paused until the follower has said where to begin, and
 * while the follower wants to wait. All that the follower is asked comes one after the other.
 */
export class KafkaPartition {
  private readonly turn = new Turn();
  private readonly backOff = new BackOff();
  private readonly own: Partition;
  private readonly ended: AbortController = new AbortController();
  /** Where to go on; undefined until the follower has said it. */
  private next: number | undefined;
  private committed: number | undefined;
  private hole: { readonly from: number; readonly to: number } | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: KafkaPartitionOptions) {
    this.own = { topic: options.topic, partition: options.partition };
    this.lost();
  }

  /** The group has changed, and this partition stayed here: kafkajs has forgotten where it was. */
  goOn(): void {
    if (this.next !== undefined) this.seek(this.next);
  }

  /** The offset is no longer on the bus: the follower is asked for another one. */
  lost(): void {
    this.next = undefined;
    this.pause();
    void this.turn.take(() => this.ask());
  }

  /** Ends after what is at work. */
  async revoked(): Promise<void> {
    clearTimeout(this.timer);
    this.ended.abort();
    await this.turn.take(() => {
      clearTimeout(this.timer);
      this.options.follower.revoked(this.own);
      return Promise.resolve();
    });
  }

  /** Gives a fetched batch to the follower, in parts, until all is taken or `leave` says to stop. */
  take(payload: EachBatchPayload, leave: () => boolean): Promise<void> {
    return this.turn.take(() => this.deliver(payload, leave));
  }

  /** The offset it has come to, if the broker has not been told. */
  get news(): { topic: string; partition: number; offset: string; told: () => void } | undefined {
    const { next } = this;
    if (next === undefined || next === this.committed) return undefined;
    return {
      topic: this.options.name,
      partition: this.options.partition,
      offset: String(next),
      told: () => {
        this.committed = next;
      },
    };
  }

  private async ask() {
    const { follower, alarm, pace } = this.options;
    if (this.ended.signal.aborted) return;
    try {
      const begin = await follower.assigned(this.own);
      this.backOff.reset();
      if (begin === 'halt') this.later(pace.haltMs, () => this.ask());
      else this.begin(begin);
    } catch (error) {
      alarm(`bus group, ${this.own.topic} ${this.own.partition}`, error);
      this.later(this.backOff.next(), () => this.ask());
    }
  }

  private begin(offset: number) {
    if (this.ended.signal.aborted) return;
    this.next = offset;
    this.seek(offset);
    this.resume();
  }

  private async deliver(payload: EachBatchPayload, leave: () => boolean) {
    const { messages } = payload.batch;
    for (let at = 0; at < messages.length; at += BATCH_MAX) {
      if (this.ended.signal.aborted || this.next === undefined || leave()) return;
      const records = messages
        .slice(at, at + BATCH_MAX)
        .map((raw) => fromKafka(this.own.topic, this.own.partition, raw));
      const [first, last] = [records[0], records.at(-1)];
      // Kafkajs was led elsewhere, or records are gone, and the follower must know. Where it names the same place again,
      // nothing is missing: a stranger's transaction has left its marks there, which are no records.
      if (!first || !last || (first.offset !== this.next && !this.isHole(this.next, first.offset))) {
        this.lost();
        return;
      }
      const resume = await this.received(records, payload);
      if (this.ended.signal.aborted) return;
      this.next = resume.offset;
      if (resume.offset !== last.offset + 1 || resume.afterMs !== undefined) return this.again(resume, payload, leave);
      payload.resolveOffset(String(last.offset));
      await payload.heartbeat();
    }
  }

  /** Whether the follower has been asked about this very hole before. */
  private isHole(from: number, to: number): boolean {
    const seen = this.hole?.from === from && this.hole.to === to;
    this.hole = { from, to };
    return seen && from < to;
  }

  /** The group must not take a long batch for a death. What a heartbeat is answered is asked again after the batch. */
  private async received(records: readonly BusRecord[], payload: EachBatchPayload): Promise<Resume> {
    const beating = setInterval(() => void payload.heartbeat().catch(() => undefined), this.options.pace.heartbeatMs);
    try {
      return await this.options.follower.receive(this.own, records);
    } finally {
      clearInterval(beating);
    }
  }

  private async again({ offset, afterMs = 0 }: Resume, payload: EachBatchPayload, leave: () => boolean) {
    if (afterMs > WAIT_HERE_MAX_MS) {
      this.pause();
      this.later(afterMs, () => {
        this.begin(this.next ?? offset);
        return Promise.resolve();
      });
    } else {
      await sleep(afterMs);
      if (!leave()) this.seek(offset);
    }
    await payload.heartbeat();
  }

  private later(ms: number, work: () => Promise<void>) {
    clearTimeout(this.timer);
    if (!this.ended.signal.aborted) this.timer = setTimeout(() => void this.turn.take(work), ms);
  }

  // A consumer that has crashed meanwhile takes none of these, and need not: its partitions are gone with it.
  private seek(offset: number) {
    quietly(() => {
      this.options.consumer.seek({
        topic: this.options.name,
        partition: this.options.partition,
        offset: String(offset),
      });
    });
  }

  private pause() {
    quietly(() => {
      this.options.consumer.pause([{ topic: this.options.name, partitions: [this.options.partition] }]);
    });
  }

  private resume() {
    quietly(() => {
      this.options.consumer.resume([{ topic: this.options.name, partitions: [this.options.partition] }]);
    });
  }
}

function quietly(work: () => void) {
  try {
    work();
  } catch {
    // See the callers.
  }
}
