import { testDatabase } from '#testing';
import { busContract } from '../port/bus.contract.ts';
import { kafka, kafkaUnderTest } from './kafka-bus.fixture.ts';

if (kafka)
  busContract(
    'Kafka',
    () => Promise.resolve(kafkaUnderTest()),
    (schema) => testDatabase(schema),
  );
else it.skip('bus on Kafka', () => undefined);
