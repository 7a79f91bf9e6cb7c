import type { Topic } from '#contracts';
import type { Admin, Kafka } from 'kafkajs';

const DAY_MS = 86_400_000;

/** How a service's own topics are made. */
export interface TopicSettings {
  /** For ever: more of them later would tear streams apart. */
  readonly partitions: number;
  readonly replication: number;
  readonly minInSync: number;
  readonly retentionMs: number;
}

/** One broker, as in development. Elsewhere: replication 3, two in sync. */
export const TOPIC_SETTINGS: TopicSettings = { partitions: 6, replication: 1, minInSync: 1, retentionMs: 14 * DAY_MS };

/** A topic that is there already with another number of partitions. */
export class PartitionsDiffer extends Error {
  override readonly name = 'PartitionsDiffer';
  constructor(topic: string, has: number, wanted: number) {
    super(
      `topic ${topic} has ${has} partitions, and this service is told ${wanted}. Their number never changes, as facts of one subject would lose their order: set KAFKA_PARTITIONS to ${has}. Nothing is published before`,
    );
  }
}

/** Makes the topics that are missing. @throws PartitionsDiffer */
export async function createTopics(
  kafka: Kafka,
  nameOf: (topic: Topic) => string,
  topics: readonly Topic[],
  settings: TopicSettings,
): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    await createMissing(admin, topics.map(nameOf), settings);
    const { topics: found } = await admin.fetchTopicMetadata({ topics: topics.map(nameOf) });
    for (const { name, partitions } of found)
      if (partitions.length !== settings.partitions)
        throw new PartitionsDiffer(name, partitions.length, settings.partitions);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

async function createMissing(
  admin: Admin,
  names: readonly string[],
  { partitions, replication, minInSync, retentionMs }: TopicSettings,
) {
  const there = new Set(await admin.listTopics());
  const missing = names.filter((name) => !there.has(name));
  if (missing.length === 0) return;
  await admin.createTopics({
    waitForLeaders: true,
    topics: missing.map((topic) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: replication,
      configEntries: [
        { name: 'retention.ms', value: String(retentionMs) },
        { name: 'min.insync.replicas', value: String(minInSync) },
        // A stranger's producer may compress as it likes: kafkajs would not read on behind what it cannot unpack.
        { name: 'compression.type', value: 'uncompressed' },
      ],
    })),
  });
}
