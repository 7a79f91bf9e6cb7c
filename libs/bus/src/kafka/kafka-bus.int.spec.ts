import { testDatabase } from '#testing';
import { busContract } from '../bus-contract.ts';
import { kafka, kafkaBusUnderTest } from './kafka-bus.example.ts';

if (kafka) busContract('Kafka', () => Promise.resolve(kafkaBusUnderTest()), (schema) => testDatabase(schema));
else it.skip('bus on Kafka', () => undefined);
