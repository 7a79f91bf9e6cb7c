import { Kafka, logLevel, Partitioners } from 'kafkajs';

/** A way from a write in one process to its being visible in another. */
export interface Way {
  send(key: string): Promise<unknown>;
  arrived(listener: (key: string) => void): void;
  end(): Promise<void>;
}

/** A bare loop on the same broker: each message is sent by itself, and is there when the consumer has it. */
export async function bareLoop(brokers: string): Promise<Way> {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'bare', numPartitions: 6 }], waitForLeaders: true });
  await admin.disconnect();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const consumer = kafka.consumer({ groupId: 'bare', maxWaitTimeInMs: 1_000 });
  let listener: (key: string) => void = () => undefined;
  await producer.connect();
  await consumer.connect();
  await consumer.subscribe({ topics: ['bare'], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: ({ batch }) => {
      for (const { key } of batch.messages) listener(String(key));
      return Promise.resolve();
    },
  });
  const value = 'x'.repeat(200);
  return {
    send: (key) => producer.send({ topic: 'bare', acks: -1, messages: [{ key, value }] }),
    arrived: (then) => {
      listener = then;
    },
    end: async () => {
      await producer.disconnect();
      await consumer.disconnect();
    },
  };
}
