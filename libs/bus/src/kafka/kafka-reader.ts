import { setTimeout as pause } from 'node:timers/promises';
import type { Topic } from '#contracts';
import { BackOff } from '#event-sourcing';
import { type Cluster, type Kafka, PartitionAssigners } from 'kafkajs';
import type { BusRecord, PartitionRange } from '../port/bus.ts';
import { Turn } from '../inbox/turn.ts';
import { fromKafka, type KafkaRecord } from './kafka-record.ts';

const TRIES_MAX = 3;
const BYTES_MAX = 2 ** 20;

/** Looks things up in topics, outside of any group: how far they reach, and single records. */
export class KafkaReader {
  private readonly turn = new Turn();
  private open: { readonly cluster: Cluster; readonly close: () => Promise<void> } | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly nameOf: (topic: Topic) => string,
  ) {}

  ranges(topic: Topic): Promise<PartitionRange[]> {
    return this.ask(topic, async (cluster, name) => {
      const partitions = cluster
        .findTopicPartitionMetadata(name)
        .map(({ partitionId }) => ({ partition: partitionId }));
      const [first, next] = await Promise.all(
        [true, false].map(async (fromBeginning) => {
          const [found] = await cluster.fetchTopicsOffset([{ topic: name, partitions, fromBeginning }]);
          return new Map(found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
        }),
      );
      return partitions
        .map(({ partition }) => ({
          topic,
          partition,
          first: first?.get(partition) ?? 0,
          next: next?.get(partition) ?? 0,
        }))
        .sort((a, b) => a.partition - b.partition);
    });
  }

  /** The record at this very offset, or undefined. */
  recordAt(topic: Topic, partition: number, offset: number): Promise<BusRecord | undefined> {
    return this.ask(topic, async (cluster, name) => {
      const [nodeId] = Object.keys(cluster.findLeaderForPartitions(name, [partition]));
      if (nodeId === undefined) return undefined;
      const broker = await cluster.findBroker({ nodeId });
      const answer = (await broker
        .fetch({
          maxWaitTime: 1,
          minBytes: 1,
          maxBytes: BYTES_MAX,
          isolationLevel: 1,
          topics: [{ topic: name, partitions: [{ partition, fetchOffset: String(offset), maxBytes: BYTES_MAX }] }],
        })
        .catch((error: unknown) => {
          if (error instanceof Error && error.name === 'KafkaJSOffsetOutOfRange') return { responses: [] };
          throw error;
        })) as { responses: { partitions: { messages: KafkaRecord[] }[] }[] };
      const raw = answer.responses[0]?.partitions[0]?.messages.find((record) => record.offset === String(offset));
      return raw && fromKafka(topic, partition, raw);
    });
  }

  async close(): Promise<void> {
    const { open } = this;
    this.open = undefined;
    await open?.close().catch(() => undefined);
  }

  /** On a connection of its own, made anew after each failure: what it knew of the cluster may be out of date. */
  private ask<T>(topic: Topic, look: (cluster: Cluster, name: string) => Promise<T>): Promise<T> {
    return this.turn.take(async () => {
      const backOff = new BackOff();
      for (;;) {
        try {
          const cluster = await this.connected();
          await cluster.addTargetTopic(this.nameOf(topic));
          return await look(cluster, this.nameOf(topic));
        } catch (error) {
          await this.close();
          if (backOff.count + 1 >= TRIES_MAX) throw error;
          await pause(backOff.next());
        }
      }
    });
  }

  private async connected(): Promise<Cluster> {
    if (this.open) return this.open.cluster;
    let cluster: Cluster | undefined;
    // kafkajs hands its cluster to assigners alone. This consumer never joins a group, so its name means nothing.
    const consumer = this.kafka.consumer({
      groupId: 'reader',
      partitionAssigners: [
        (given) => {
          cluster = given.cluster;
          return PartitionAssigners.roundRobin(given);
        },
      ],
    });
    if (!cluster) throw new Error('kafkajs did not ask for an assigner');
    this.open = { cluster, close: () => consumer.disconnect() };
    await consumer.connect();
    return cluster;
  }
}
