import { randomBytes } from 'node:crypto';
import { testKafka } from '#testing';
import type { BusUnderTest } from '../bus-contract.ts';
import { TOPIC } from '../logins.example.ts';
import { KafkaBus, type KafkaBusOptions } from './kafka-bus.ts';
import type { Pace } from './pace.ts';

/** As quick as a broker allows. */
export const QUICK: Partial<Pace> = { fetchMs: 100, heartbeatMs: 200, haltMs: 500 };

/** The broker of the test run, or `describe.skip` when there is none. */
export const kafka = await testKafka();
export const describeKafka = kafka ? describe : describe.skip;

/** A bus on topics and groups of a test's own. */
export function kafkaBusUnderTest(brokers: readonly string[] = kafka?.brokers ?? []): BusUnderTest & { open(options?: Partial<KafkaBusOptions>): KafkaBus; readonly prefix: string } {
  const prefix = `t${randomBytes(5).toString('hex')}.`;
  const buses: KafkaBus[] = [];
  const open = (options: Partial<KafkaBusOptions> = {}) => {
    const bus = new KafkaBus({ brokers, prefix, alarm: () => undefined, owns: [TOPIC], pace: QUICK, ...options });
    buses.push(bus);
    return bus;
  };
  return {
    prefix, open, bus: open(), join: () => Promise.resolve(open()),
    drop: async () => { await Promise.all(buses.map((bus) => bus.close())); },
  };
}
