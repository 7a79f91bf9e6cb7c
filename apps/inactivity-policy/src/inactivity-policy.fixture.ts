import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { busSchema, type DeliveredFact, deliveredFact, PostgresBus } from '#bus';
import { type Fact, factKinds, type ServiceName } from '#contracts';
import { freePort } from '#local-servers';
import { CallerTokens, type Clock, DevClock, makeLogger, Peers, Problem, startService } from '#platform';
import { testDatabase } from '#testing';
import { loadPackageDefinition, Server, ServerCredentials, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { v7 as uuid } from 'uuid';
import { inactivityPolicy } from './inactivity-policy.module.ts';

const pair = () =>
  generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

/** Stands where identity would answer, and has published nothing but what the bus brings. */
async function silentHistory(address: string, clock: () => Clock): Promise<Server> {
  const includeDirs = [fileURLToPath(new URL('../../../libs/contracts/proto', import.meta.url))];
  const loaded = loadPackageDefinition(loadSync('rollcall/history/v1/history.proto', { includeDirs })) as unknown as {
    rollcall: { history: { v1: { History: ServiceClientConstructor } } };
  };
  const server = new Server();
  server.addService(loaded.rollcall.history.v1.History.service, {
    readStream: (_call: unknown, done: (error: null, answer: object) => void) => {
      done(null, { facts: [] });
    },
    publishedUpTo: (_call: unknown, done: (error: null, answer: object) => void) => {
      done(null, { upTo: clock().now().toISOString() });
    },
  });
  await new Promise<void>((bound, failed) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => {
      if (error) failed(error);
      else bound();
    });
  });
  return server;
}

/** The service on a database and a bus of its own, called over gRPC, told and heard by facts. */
export async function runInactivityPolicy(clock: Clock = new DevClock()) {
  const [database, busDatabase] = [await testDatabase(), await testDatabase(busSchema)];
  const [grpcAddress, identityAddress] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const keys = { 'gateway': pair(), 'mailer': pair(), 'inactivity-policy': pair() };
  const callerKeys = Object.fromEntries(Object.entries(keys).map(([service, { publicKey }]) => [service, publicKey]));
  const shared = { peers: { 'inactivity-policy': grpcAddress, 'identity': identityAddress }, callerKeys };
  const config = {
    ...shared,
    grpcAddress,
    databaseUrl: database.url,
    ownerDatabaseUrl: database.ownerUrl,
    callerKey: keys['inactivity-policy'].privateKey,
    installationKey: randomBytes(32).toString('base64url'),
    thresholdDays: 180,
    noticeDays: 14,
  };
  const bus = new PostgresBus({ pool: busDatabase.pool, alarm: () => undefined });
  const start = (on: Clock) => startService(inactivityPolicy, { config, clock: on, logger: makeLogger('silent'), bus });
  const identity = await silentHistory(identityAddress, () => clock);
  let service = await start(clock);
  const as = (caller: keyof typeof keys) =>
    new Peers(shared, new CallerTokens(caller, { callerKey: keys[caller].privateKey, callerKeys }));
  const callers = [as('gateway'), as('mailer')] as const;
  const versions = new Map<string, number>();
  return {
    database,
    gateway: callers[0],
    mailer: callers[1],
    /** A fact as its owner's relay would publish it. */
    async tell(streamId: string, fact: Fact) {
      const previous = versions.get(streamId) ?? 0;
      versions.set(streamId, previous + 1);
      const { topic } = factKinds[fact.name];
      await bus.publish([
        {
          topic,
          key: streamId,
          eventId: uuid(),
          type: fact.name,
          version: previous + 1,
          previous,
          source: topic.split('.')[0] as ServiceName,
          time: new Date().toISOString(),
          position: '1.1.1',
          correlationId: uuid(),
          data: fact.data,
        },
      ]);
    },
    /** The decisions it has published, in order. */
    async decisions(): Promise<DeliveredFact[]> {
      const facts: DeliveredFact[] = [];
      for (const { next, partition } of await bus.ranges('inactivity-policy.decisions')) {
        for (let offset = 0; offset < next; offset++) {
          const record = await bus.recordAt('inactivity-policy.decisions', partition, offset);
          const fact = record && deliveredFact(record.message);
          if (fact) facts.push(fact);
        }
      }
      return facts;
    },
    async restart(on: Clock) {
      await service.stop();
      service = await start(on);
      await answering(callers[0]);
    },
    async stop() {
      for (const caller of callers) caller.close();
      await service.stop();
      identity.forceShutdown();
      await bus.close();
      await Promise.all([database.drop(), busDatabase.drop()]);
    },
  };
}

/** A caller's connection broke with the service's end, and comes back some time after its start. */
async function answering(peers: Peers) {
  const away = () =>
    peers
      .of('inactivity-policy', 'DevClock')
      .readClock({}, { correlationId: uuid(), actor: 'service:gateway' })
      .then(
        () => false,
        (error: unknown) => error instanceof Problem && error.code === 'service/unavailable',
      );
  while (await away()) await pause(20);
}
