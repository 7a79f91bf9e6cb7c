import { KafkaBus, PostgresBus } from '#bus';
import { makeLogger } from './logger.ts';
import { openBus } from './open-bus.ts';

const logger = makeLogger('silent');

describe('the bus that the environment names', () => {
  it('is PostgreSQL unless Kafka is asked for', async () => {
    const embedded = openBus('identity', { BUS_DATABASE_URL: 'postgres://a@127.0.0.1:1/bus' }, logger);
    const brokered = openBus('identity', { BUS: 'kafka', KAFKA_BROKERS: 'one:9092,two:9092', KAFKA_PARTITIONS: '12', KAFKA_REPLICATION: '3' }, logger);
    expect([embedded.bus, brokered.bus]).toEqual([expect.any(PostgresBus), expect.any(KafkaBus)]);
    await Promise.all([embedded.close(), brokered.close()]);
  });

  it('names what is missing or wrong, never its value', () => {
    expect(() => openBus('identity', {}, logger)).toThrow('BUS_DATABASE_URL: is needed when BUS is postgres');
    expect(() => openBus('identity', { BUS: 'kafka' }, logger)).toThrow('KAFKA_BROKERS: is needed when BUS is kafka');
    expect(() => openBus('identity', { BUS: 'kafka', KAFKA_BROKERS: 'somewhere' }, logger)).toThrow('KAFKA_BROKERS: must be host:port');
    expect(() => openBus('identity', { BUS: 'kafka', KAFKA_BROKERS: 'a:1', KAFKA_PARTITIONS: 'many' }, logger)).toThrow(/^KAFKA_PARTITIONS: /);
  });
});
