import type { Topic } from '#contracts';
import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import {
  type Alarm,
  Bus,
  type BusRecord,
  type Follower,
  type Following,
  type Message,
  type PartitionRange,
} from '../port/bus.ts';
import { isScratch } from '../inbox/scratch.ts';
import { Turn } from '../inbox/turn.ts';
import { type KafkaAddress, kafkaClient } from './kafka-client.ts';
import { KafkaMember } from './kafka-member.ts';
import { KafkaReader } from './kafka-reader.ts';
import { bytesOf, toKafka } from './kafka-record.ts';
import { createTopics, TOPIC_SETTINGS, type TopicSettings } from './kafka-topics.ts';
import { PACE, type Pace } from './pace.ts';

// A broker takes 1 MiB at once and partition, unless it is told otherwise.
const REQUEST_BYTES_MAX = 700_000;

/** What the bus needs. */
export interface KafkaBusOptions extends KafkaAddress {
  readonly alarm: Alarm;
  /** Topics that are this process' own: made before they are first used (`topicsOf(service)`). */
  readonly owns?: readonly Topic[];
  readonly topicSettings?: Partial<TopicSettings>;
  /** Before the names of topics and groups: keeps tests apart that share a broker. */
  readonly prefix?: string;
  readonly pace?: Partial<Pace>;
}

/** The bus on a Kafka cluster: many partitions a topic, shared among the members of a group. */
export class KafkaBus extends Bus {
  private readonly kafka: Kafka;
  private readonly reader: KafkaReader;
  private readonly members = new Set<Following>();
  private readonly publishing = new Turn();
  private readonly creating = new Turn();
  private readonly scratch = new Set<Topic>();
  private producer: Producer | undefined;
  private created: boolean;

  constructor(private readonly options: KafkaBusOptions) {
    super();
    this.kafka = kafkaClient(options);
    this.reader = new KafkaReader(this.kafka, (topic) => this.nameOf(topic));
    this.created = !options.owns?.length;
  }

  publish(messages: readonly Message[]): Promise<void> {
    return this.publishing.take(async () => {
      if (messages.length === 0) return;
      await this.createOwn();
      await this.createScratch(messages);
      for (const part of portions(messages)) await this.send(part);
    });
  }

  follow(group: string, topics: readonly Topic[], follower: Follower): Following {
    const { prefix = '', alarm, pace } = this.options;
    const member = new KafkaMember(
      { address: this.options, prefix, alarm, pace: { ...PACE, ...pace } },
      group,
      topics,
      follower,
    );
    const following = { stop: () => member.stop().finally(() => this.members.delete(following)) };
    this.members.add(following);
    return following;
  }

  async ranges(topic: Topic): Promise<readonly PartitionRange[]> {
    await this.createOwn();
    return this.reader.ranges(topic);
  }

  recordAt(topic: Topic, partition: number, offset: number): Promise<BusRecord | undefined> {
    return this.reader.recordAt(topic, partition, offset);
  }

  cluster(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async close(): Promise<void> {
    await Promise.all([...this.members].map((member) => member.stop()));
    await this.reader.close();
    await this.publishing.take(() => this.forgetProducer());
  }

  private nameOf(topic: Topic): string {
    return `${this.options.prefix ?? ''}${topic}`;
  }

  private createOwn(): Promise<void> {
    return this.creating.take(async () => {
      if (this.created) return;
      await createTopics(this.kafka, (topic) => this.nameOf(topic), this.options.owns ?? [], {
        ...TOPIC_SETTINGS,
        ...this.options.topicSettings,
      });
      // A broker knows a new topic a moment before it can write to it; what it refuses then would be sent twice in part.
      for (const topic of this.options.owns ?? []) await this.reader.ranges(topic);
      this.created = true;
    });
  }

  /** A replay's topic belongs to no service: it is made when something is sent to it, for a day. */
  private async createScratch(messages: readonly Message[]) {
    const wanted = [...new Set(messages.map(({ topic }) => topic))].filter(
      (topic) => isScratch(topic) && !this.scratch.has(topic),
    );
    if (wanted.length === 0) return;
    await createTopics(this.kafka, (topic) => this.nameOf(topic), wanted, {
      ...TOPIC_SETTINGS,
      ...this.options.topicSettings,
      retentionMs: 86_400_000,
    });
    for (const topic of wanted) {
      await this.reader.ranges(topic);
      this.scratch.add(topic);
    }
  }

  private async send(messages: readonly Message[]) {
    try {
      const topicMessages = [...Map.groupBy(messages, (message) => message.topic)].map(([topic, list]) => ({
        topic: this.nameOf(topic),
        messages: list.map(toKafka),
      }));
      await (await this.connected()).sendBatch({ acks: -1, topicMessages });
    } catch (error) {
      // Its metadata of the cluster may be out of date, and its topics gone: the next try begins anew.
      this.created = !this.options.owns?.length;
      await this.forgetProducer();
      throw error;
    }
  }

  private async connected(): Promise<Producer> {
    // Not the idempotent producer, which kafkajs calls experimental: what comes twice is dropped by its version.
    this.producer ??= this.kafka.producer({
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await this.producer.connect();
    return this.producer;
  }

  private async forgetProducer() {
    const { producer } = this;
    this.producer = undefined;
    await producer?.disconnect().catch(() => undefined);
  }
}

/** In their order, each no larger than a broker takes. */
function portions(messages: readonly Message[]): Message[][] {
  const parts: Message[][] = [];
  let room = 0;
  for (const message of messages) {
    const bytes = bytesOf(toKafka(message)) + 64;
    const part = parts.at(-1);
    if (part && bytes <= room) part.push(message);
    else parts.push([message]);
    room = (part && bytes <= room ? room : REQUEST_BYTES_MAX) - bytes;
  }
  return parts;
}
