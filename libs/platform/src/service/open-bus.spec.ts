import { KafkaBus, PostgresBus } from '#bus';
import { makeLogger } from '../base/logger.ts';
import { openBus, readBusConfig } from './open-bus.ts';

const open = (env: NodeJS.ProcessEnv) => openBus('identity', readBusConfig(env), makeLogger('silent'));

describe('the bus that the environment names', () => {
  it('is PostgreSQL unless Kafka is asked for', async () => {
    const embedded = open({ BUS_DATABASE_URL: 'postgres://a@127.0.0.1:1/bus' });
    const brokered = open({
      BUS: 'kafka',
      KAFKA_BROKERS: 'one:9092,two:9092',
      KAFKA_PARTITIONS: '12',
      KAFKA_REPLICATION: '3',
    });
    expect([embedded.bus, brokered.bus]).toEqual([expect.any(PostgresBus), expect.any(KafkaBus)]);
    await Promise.all([embedded.close(), brokered.close()]);
  });

  it('names what is missing or wrong, never its value', () => {
    expect(() => open({})).toThrow('BUS_DATABASE_URL: is needed when BUS is postgres');
    expect(() => open({ BUS: 'kafka' })).toThrow('KAFKA_BROKERS: is needed when BUS is kafka');
    expect(() => open({ BUS: 'kafka', KAFKA_BROKERS: 'somewhere' })).toThrow('KAFKA_BROKERS: must be host:port');
    expect(() => open({ BUS: 'kafka', KAFKA_BROKERS: 'a:1', KAFKA_PARTITIONS: 'many' })).toThrow(/^KAFKA_PARTITIONS: /);
  });
});
