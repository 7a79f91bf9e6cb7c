import { randomBytes } from 'node:crypto';
import { testKafka } from '#testing';
import type { BusUnderTest } from '../port/bus.contract.ts';
import { topicsOf } from '../relay/rolled-back.ts';
import { KafkaBus, type KafkaBusOptions } from './kafka-bus.ts';
import type { Pace } from './pace.ts';

/** As quick as the broker allows: a foreign one may insist on 6 s until it takes a silent member for dead. */
export const QUICK: Partial<Pace> = {
  fetchMs: 50,
  heartbeatMs: 150,
  haltMs: 300,
  commitMs: 200,
  sessionMs: process.env.KAFKA_BROKERS ? 6_000 : 1_000,
};

/** The broker of the test run; undefined when there is none. */
export const kafka = await testKafka();
export const describeKafka = kafka ? describe : describe.skip;

export interface KafkaUnderTest extends BusUnderTest {
  readonly bus: KafkaBus;
  readonly prefix: string;
  open(options?: Partial<KafkaBusOptions>): KafkaBus;
}

/** A bus on topics and groups of a test's own. */
export function kafkaUnderTest({
  brokers = kafka?.brokers ?? [],
  partitions = 6,
}: { brokers?: readonly string[]; partitions?: number } = {}): KafkaUnderTest {
  const prefix = `t${randomBytes(5).toString('hex')}.`;
  const buses: KafkaBus[] = [];
  const open = (options: Partial<KafkaBusOptions> = {}) => {
    const bus = new KafkaBus({
      brokers,
      prefix,
      alarm: () => undefined,
      owns: topicsOf('identity'),
      topicSettings: { partitions },
      pace: QUICK,
      ...options,
    });
    buses.push(bus);
    return bus;
  };
  return {
    prefix,
    open,
    bus: open(),
    join: () => Promise.resolve(open()),
    drop: async () => {
      await Promise.all(buses.map((bus) => bus.close()));
    },
  };
}
