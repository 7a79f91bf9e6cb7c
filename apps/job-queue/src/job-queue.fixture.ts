import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { busSchema, PostgresBus } from '#bus';
import { CallerTokens, makeLogger, Peers, startService, SystemClock } from '#platform';
import { freePort, testDatabase } from '#testing';
import { jobQueue } from './job-queue.module.ts';

const pair = () =>
  generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

/** The service on a database and a bus of its own, called over gRPC as the gateway and as others would. */
export async function runJobQueue() {
  const [database, busDatabase, grpcAddress] = [
    await testDatabase(),
    await testDatabase(busSchema),
    `127.0.0.1:${await freePort()}`,
  ];
  const keys = { 'gateway': pair(), 'organization': pair(), 'job-queue': pair() };
  const callerKeys = Object.fromEntries(Object.entries(keys).map(([service, { publicKey }]) => [service, publicKey]));
  const shared = { peers: { 'job-queue': grpcAddress }, callerKeys };
  const config = {
    ...shared,
    grpcAddress,
    databaseUrl: database.url,
    ownerDatabaseUrl: database.ownerUrl,
    callerKey: keys['job-queue'].privateKey,
    installationKey: randomBytes(32).toString('base64url'),
    simulators: 1,
    jobCostSecondsMax: 1_200,
    jobTimeoutSeconds: 60,
    leaseSeconds: 3,
  };
  const bus = new PostgresBus({ pool: busDatabase.pool, alarm: () => undefined });
  const service = await startService(jobQueue, { config, clock: new SystemClock(), logger: makeLogger('silent'), bus });
  const as = (caller: 'gateway' | 'organization') =>
    new Peers(shared, new CallerTokens(caller, { callerKey: keys[caller].privateKey, callerKeys }));
  const callers = [as('gateway'), as('organization')] as const;
  return {
    database,
    bus,
    jobs: callers[0].of('job-queue', 'Jobs'),
    asOrganization: callers[1].of('job-queue', 'Jobs'),
    stop: async () => {
      for (const caller of callers) caller.close();
      await service.stop();
      await bus.close();
      await database.drop();
      await busDatabase.drop();
    },
  };
}
