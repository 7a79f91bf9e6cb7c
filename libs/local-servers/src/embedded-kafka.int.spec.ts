import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { startEmbeddedKafka, whyNoKafka } from './embedded-kafka.ts';

const missing = whyNoKafka();
if (missing !== undefined) process.stderr.write(`The tests of the embedded Kafka are skipped: ${missing}\n`);

(missing === undefined ? describe : describe.skip)('embedded Kafka', () => {
  it('is the same broker, with all it held, after it was killed and started again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-kafka-'));
    try {
      const first = await startEmbeddedKafka({ folder });
      const admin = new Kafka({ brokers: [first.brokers], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 3 }] });
      await admin.disconnect();
      await first.kill();
      const second = await startEmbeddedKafka({ folder, port: first.port });
      await admin.connect();
      expect(await admin.fetchTopicOffsets('kept')).toHaveLength(3);
      await admin.disconnect();
      await second.stop();
      await second.ended;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
