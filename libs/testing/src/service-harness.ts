import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus, DeliveredFact } from '#bus';
import { type Fact, factKinds, type GrpcOwner, SERVICES, type ServiceName, type Topic } from '#contracts';
import { freePort, makeKeyPair } from '#local-servers';
import type { Caller, Clock, DevClock, Peers, RunningService, ServiceConfig, ServiceDefinition } from '#platform';
import type { z } from 'zod';
import { type Neighbours, standIn } from './stand-in.ts';
import { testDatabase, type TestDatabase } from './test-database.ts';

/** A service to start; `config` adds what it is told beside what every service is told, and may ask for databases of its own. */
export interface Start {
  /** A `ServiceDefinition` of any configuration. */
  readonly service: Pick<ServiceDefinition, 'name'> & {
    config: z.ZodObject;
    migrate: (config: never) => Promise<void>;
    module: (floor: never) => ReturnType<ServiceDefinition['module']>;
  };
  readonly config?: (database: () => Promise<TestDatabase>) => Promise<object>;
}

export interface HarnessOptions {
  /** What services log, a line at a time; without it `LOG_LEVEL` decides whether it is printed. */
  readonly log?: (line: string) => void;
}

/** Services at work, each on a port and a database of its own, with real caller keys, one bus and one clock. */
export interface ServiceHarness {
  /** The services, as this caller calls them. There is one operator, `operator:ada`. */
  peer(caller: Caller): Peers;
  /** Starts a started service once more on the same database, as a second machine would; answers how to call this one. */
  replica(service: GrpcOwner): Promise<(caller: Caller) => Peers>;
  /** Where a service answers, and the private key that a caller signs its tokens with: for calls that no caller makes. */
  address(service: GrpcOwner): string;
  callerKey(caller: Caller): string;
  /** The database of a started service. */
  database(service: GrpcOwner): TestDatabase;
  readonly bus: Bus;
  readonly clock: DevClock;
  /** Publishes a fact as its owner's relay would: the next of its stream or, where none is named, the first of one of its own. Answers its event id. */
  tell(fact: Fact, streamId?: string): Promise<string>;
  /** The facts of a topic so far, in order. */
  told(topic: Topic): Promise<DeliveredFact[]>;
  /** Stops a service and starts it again, on another clock where one is given. */
  restart(service: GrpcOwner, clock?: Clock): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts services as their processes would. A neighbour that is not started may be given answers, spoken by a gRPC server
 * of its proto; one without answers cannot be reached.
 */
export async function serviceHarness(
  starts: readonly Start[],
  neighbours: Neighbours = {},
  { log }: HarnessOptions = {},
): Promise<ServiceHarness> {
  const { busSchema, deliveredFact, PostgresBus } = await import('#bus');
  const {
    CallerTokens,
    DevClock: OwnClock,
    makeLogger,
    Peers: Callers,
    readConfig,
    startService,
  } = await import('#platform');
  const keys = Object.fromEntries([...SERVICES, OPERATOR].map((name) => [name, makeKeyPair()]));
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-harness-'));
  const operatorsFile = join(folder, 'operators.json');
  writeFileSync(operatorsFile, JSON.stringify({ ada: keys[OPERATOR]?.publicKey }));
  const callerKeysOfAll = Object.fromEntries(Object.entries(keys).map(([name, pair]) => [name, pair.publicKey]));
  const peers = Object.fromEntries(
    await Promise.all(SERVICES.map(async (name) => [name, `127.0.0.1:${await freePort()}`] as const)),
  );
  const installationKey = randomBytes(32).toString('base64url');
  const logger = log ? makeLogger('trace', { write: log }) : makeLogger(process.env.LOG_LEVEL ?? 'silent');
  const clock = new OwnClock();
  const databases: TestDatabase[] = [];
  const database = async (schema: readonly string[] = []) => {
    const made = await testDatabase(schema);
    databases.push(made);
    return made;
  };
  const own = new Map<GrpcOwner, TestDatabase>();
  const busDatabase = await database(busSchema);
  const bus = new PostgresBus({
    pool: busDatabase.pool,
    alarm: (what, error) => logger.warn({ what, error }, 'trying again'),
  });
  const stops: (() => Promise<unknown>)[] = [];
  const running = new Map<
    GrpcOwner,
    { service: RunningService; start: (clock: Clock, at?: string) => Promise<RunningService> }
  >();
  const versions = new Map<string, number>();
  const callers = new Map<Caller, Peers>();
  const calling = (caller: Caller, to: Readonly<Record<string, string>>) =>
    new Callers({ peers: to }, new CallerTokens(caller, { callerKey: keys[caller]?.privateKey ?? '', callerKeys: {} }));
  const stop = async () => {
    for (const peer of callers.values()) peer.close();
    for (const end of stops.splice(0).reverse()) await end();
    await bus.close();
    await Promise.all(databases.map((made) => made.drop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const owner of Object.keys(neighbours) as GrpcOwner[])
      stops.push(await standIn(owner, neighbours[owner] ?? {}, peers[owner] ?? ''));
    for (const { service, config } of starts) {
      const { url, ownerUrl } = await database().then((made) => (own.set(service.name, made), made));
      const values = {
        databaseUrl: url,
        ownerDatabaseUrl: ownerUrl,
        peers,
        callerKey: keys[service.name]?.privateKey,
        callerKeys: callerKeysOfAll,
        installationKey,
        operatorsFile,
        ...(await config?.(() => database())),
      };
      const start = (on: Clock, grpcAddress: string | undefined = peers[service.name]) =>
        startService(service as unknown as ServiceDefinition, {
          config: readConfig(service.config, { ...values, grpcAddress }) as ServiceConfig,
          clock: on,
          logger,
          bus,
        });
      running.set(service.name, { service: await start(clock), start });
      stops.push(async () => running.get(service.name)?.service.stop());
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    bus,
    clock,
    stop,
    address: (service) => peers[service] ?? '',
    callerKey: (caller) => keys[caller]?.privateKey ?? '',
    peer: (caller) => {
      const known = callers.get(caller) ?? calling(caller, peers);
      callers.set(caller, known);
      return known;
    },
    async replica(name) {
      const at = `127.0.0.1:${await freePort()}`;
      const service = await running.get(name)?.start(clock, at);
      if (!service) throw new Error(`${name} was not started`);
      stops.push(() => service.stop());
      return (caller) => {
        const made = calling(caller, { ...peers, [name]: at });
        stops.push(() => Promise.resolve(made.close()));
        return made;
      };
    },
    database: (service) => {
      const made = own.get(service);
      if (!made) throw new Error(`${service} was not started`);
      return made;
    },
    async tell({ name: type, data }, streamId = `thing-${randomUUID()}`) {
      const { topic } = factKinds[type];
      const [eventId, previous] = [randomUUID(), versions.get(streamId) ?? 0];
      versions.set(streamId, previous + 1);
      await bus.publish([
        {
          topic,
          key: streamId,
          eventId,
          type,
          version: previous + 1,
          previous,
          source: topic.split('.')[0] as ServiceName,
          time: new Date().toISOString(),
          position: `1.${previous + 1}.1`,
          correlationId: randomUUID(),
          data,
        },
      ]);
      return eventId;
    },
    async told(topic) {
      const records = (await bus.ranges(topic)).flatMap(({ next, partition }) =>
        Array.from({ length: next }, (_, offset) => bus.recordAt(topic, partition, offset)),
      );
      return (await Promise.all(records)).flatMap((record) => (record && deliveredFact(record.message)) ?? []);
    },
    async restart(name, on = clock) {
      const known = running.get(name);
      if (!known) throw new Error(`${name} was not started`);
      await known.service.stop();
      running.set(name, { ...known, service: await known.start(on) });
      // Its callers have lost their connection, and would be told so for a while.
      for (const peer of callers.values()) peer.close();
      callers.clear();
    },
  };
}

const OPERATOR = 'operator:ada';
