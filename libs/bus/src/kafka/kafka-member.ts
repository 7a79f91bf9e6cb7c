import type { Topic } from '#contracts';
import { BackOff, Doorbell, Loop, within } from '#event-sourcing';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { Alarm, Follower, Following } from '../port/bus.ts';
import { type KafkaAddress, kafkaClient } from './kafka-client.ts';
import { KafkaPartition } from './kafka-partition.ts';
import type { Pace } from './pace.ts';

/** Their batches share a transaction of the inbox. */
const PARTITIONS_AT_ONCE = 12;
const DISCONNECT_MAX_MS = 5_000;

/** What members of groups share. */
export interface Membership {
  readonly address: KafkaAddress;
  readonly prefix: string;
  readonly alarm: Alarm;
  readonly pace: Pace;
}

/** One member of a group. kafkajs keeps its membership and fetches; which offsets are read, and when, is decided here. */
export class KafkaMember implements Following {
  private readonly partitions = new Map<string, KafkaPartition>();
  private readonly bell = new Doorbell();
  private readonly backOff = new BackOff();
  private readonly loop: Loop;
  private rebalancing = false;

  constructor(
    private readonly bus: Membership,
    private readonly group: string,
    private readonly topics: readonly Topic[],
    private readonly follower: Follower,
  ) {
    this.loop = new Loop(() => this.turn(), {
      backOff: this.backOff,
      alarm: (error) => {
        bus.alarm(`bus group ${group}`, error);
      },
    });
    this.loop.start();
  }

  async stop(): Promise<void> {
    const stopped = this.loop.stop();
    this.bell.notify();
    await stopped;
  }

  /** One session. Only one that lasted ends a row of failures. */
  private async turn(): Promise<number> {
    const begun = performance.now();
    try {
      await this.session();
    } finally {
      if (performance.now() - begun > this.bus.pace.silentMs) this.backOff.reset();
    }
    return 0;
  }

  /** From joining until it is stopped. @throws when kafkajs gave up, for any reason: the next session begins anew. */
  private async session() {
    const { address, pace, prefix } = this.bus;
    const kafka = kafkaClient(address, (text, { topic, partition }) => {
      if (text.startsWith('Offset out of range')) this.partitions.get(keyOf(String(topic), Number(partition)))?.lost();
    });
    const consumer = kafka.consumer({
      groupId: `${prefix}${this.group}`,
      sessionTimeout: pace.sessionMs,
      rebalanceTimeout: pace.rebalanceMs,
      heartbeatInterval: pace.heartbeatMs,
      maxWaitTimeInMs: pace.fetchMs,
      allowAutoTopicCreation: false,
    });
    let commits: NodeJS.Timeout | undefined;
    try {
      const ended = this.ended(consumer);
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        this.joined(consumer, payload.memberAssignment);
      });
      consumer.on(consumer.events.REBALANCING, () => {
        this.rebalancing = true;
      });
      await consumer.connect();
      await consumer.subscribe({ topics: this.topics.map((topic) => `${prefix}${topic}`), fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
        eachBatch: (payload) => this.take(payload),
      });
      commits = setInterval(() => void this.commit(consumer), pace.commitMs);
      await ended();
      await this.commit(consumer);
    } finally {
      clearInterval(commits);
      await Promise.all([...this.partitions.values()].map((partition) => partition.revoked()));
      this.partitions.clear();
      await within(DISCONNECT_MAX_MS, () => consumer.disconnect()).catch(() => undefined);
    }
  }

  /** Listens from now on; what it answers waits until the member is stopped, and rejects when kafkajs has crashed or has not given a sign of life for long. */
  private ended(consumer: Consumer): () => Promise<void> {
    const { silentMs } = this.bus.pace;
    const { CRASH, FETCH, HEARTBEAT, GROUP_JOIN } = consumer.events;
    let alive = performance.now();
    let crashed: Error | undefined;
    for (const sign of [FETCH, HEARTBEAT, GROUP_JOIN] as const)
      consumer.on(sign, () => {
        alive = performance.now();
      });
    consumer.on(CRASH, ({ payload }) => {
      crashed = payload.error;
      this.bell.notify();
    });
    // Not begun before a caller waits for it: a session that fails to start would leave it to reject unhandled, which ends the process.
    return async () => {
      while (!this.loop.signal.aborted) {
        if (crashed) throw crashed;
        if (performance.now() - alive > silentMs) throw new Error('the consumer has fallen silent');
        await this.bell.waitFor(silentMs / 10);
      }
    };
  }

  /** A new generation of the group. Nothing is fetched before this returns. */
  private joined(consumer: Consumer, assignment: Readonly<Record<string, number[]>>) {
    this.rebalancing = false;
    const mine = new Map(
      Object.entries(assignment).flatMap(([name, numbers]) =>
        numbers.map((partition) => [keyOf(name, partition), { name, partition }] as const),
      ),
    );
    for (const [key, partition] of this.partitions) {
      if (mine.has(key)) continue;
      this.partitions.delete(key);
      void partition.revoked();
    }
    for (const [key, { name, partition }] of mine) {
      const known = this.partitions.get(key);
      if (known) known.goOn();
      else
        this.partitions.set(
          key,
          new KafkaPartition({
            consumer,
            name,
            partition,
            topic: name.slice(this.bus.prefix.length) as Topic,
            follower: this.follower,
            alarm: this.bus.alarm,
            pace: this.bus.pace,
          }),
        );
    }
  }

  private async take(payload: EachBatchPayload) {
    const leave = () => this.loop.signal.aborted || this.rebalancing || !payload.isRunning() || payload.isStale();
    await this.partitions.get(keyOf(payload.batch.topic, payload.batch.partition))?.take(payload, leave);
  }

  /** Told to the broker for tools that watch how far a group lags behind; this consumer never reads it. */
  private async commit(consumer: Consumer) {
    const news = [...this.partitions.values()].flatMap((partition) => partition.news ?? []);
    if (news.length === 0) return;
    try {
      await consumer.commitOffsets(news.map(({ told: _, ...offset }) => offset));
      for (const { told } of news) told();
    } catch {
      // Tried again with the next one.
    }
  }
}

const keyOf = (name: string, partition: number): string => `${name}/${partition}`;
