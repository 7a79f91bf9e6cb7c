import { connect } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedKafka, whyNoKafka } from '../../local-servers/src/embedded-kafka.ts';

/** A broker for tests. Others use it too: topics and groups of a test begin with a prefix of its own. */
export interface TestKafka {
  readonly brokers: readonly string[];
}

/**
 * The broker of the test run: that of `KAFKA_BROKERS`, or one of its own, started when the first test asks. Undefined, with
 * the reason printed, when there is none; suites are skipped then (`describeKafka`). @throws in CI, where none may be skipped.
 */
export async function testKafka(): Promise<TestKafka | undefined> {
  const given = process.env.KAFKA_BROKERS;
  if (given) {
    say('The Kafka tests run on the broker of KAFKA_BROKERS.');
    return { brokers: given.split(',') };
  }
  const answer = await ask();
  if (!answer.startsWith('none ')) return { brokers: answer.split(',') };
  if (process.env.CI) throw new Error(`The Kafka tests cannot run: ${answer.slice(5)}`);
  say(`The Kafka tests are skipped: ${answer.slice(5)}`);
  return undefined;
}

/** Whether a test can have a broker of its own, which needs Java and the jars; `KAFKA_BROKERS` does not matter. */
export const canOwnKafka = (): boolean => whyNoKafka() === undefined;

/** A broker of one test's own, to be killed and started again. */
export async function ownKafka() {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-kafka-'));
  let running = await startEmbeddedKafka({ folder });
  const { port, brokers } = running;
  return {
    brokers: [brokers],
    kill: () => running.kill(),
    restart: async () => {
      running = await startEmbeddedKafka({ folder, port });
    },
    drop: async () => {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function ask(): Promise<string> {
  const port = process.env.ROLLCALL_TEST_KAFKA;
  if (port === undefined)
    throw new Error('no Kafka for this test: name it *.int.spec.ts, so that the set-up can start one');
  return new Promise((done, failed) => {
    let said = '';
    connect(Number(port), '127.0.0.1')
      .on('data', (chunk: Buffer) => {
        said += chunk.toString();
      })
      .once('end', () => {
        done(said);
      })
      .once('error', failed);
  });
}

// Past Jest's own console, which adds a stack to each line.
const say = (line: string) => {
  process.stderr.write(`${line}\n`);
};
