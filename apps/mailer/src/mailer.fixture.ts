import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { busSchema, type DeliveredFact, deliveredFact, PostgresBus } from '#bus';
import { type Fact, factKinds, type identity, type organization, type ServiceName } from '#contracts';
import { freePort } from '#local-servers';
import { makeLogger, startService, SystemClock } from '#platform';
import { testDatabase } from '#testing';
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
  type handleUnaryCall,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { v7 as uuid } from 'uuid';
import { mailer } from './mailer.module.ts';

const pair = () =>
  generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

type Answers = Record<string, (request: never) => object>;

/** Stands where a peer would answer, on the wire: the proto's methods that are given, and UNAVAILABLE while `away`. */
async function standIn(
  owner: 'identity' | 'organization',
  services: Record<string, Answers>,
  away: () => boolean,
): Promise<{ address: string; server: Server }> {
  const includeDirs = [fileURLToPath(new URL('../../../libs/contracts/proto', import.meta.url))];
  const loaded = loadPackageDefinition(
    loadSync(`rollcall/${owner}/v1/${owner}.proto`, { includeDirs, defaults: true, arrays: true }),
  ) as unknown as { rollcall: Record<string, { v1: Record<string, ServiceClientConstructor> }> };
  const server = new Server();
  for (const [service, answers] of Object.entries(services)) {
    const definition = loaded.rollcall[owner]?.v1[service]?.service;
    if (!definition) throw new Error(`there is no ${service} of ${owner}`);
    server.addService(
      definition,
      Object.fromEntries(
        Object.entries(answers).map(([method, answer]) => [
          method,
          (({ request }, done) => {
            if (away()) done({ code: 14, details: 'away' });
            else done(null, answer(request as never));
          }) satisfies handleUnaryCall<unknown, object>,
        ]),
      ),
    );
  }
  const address = `127.0.0.1:${await freePort()}`;
  await new Promise<void>((bound, failed) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => {
      if (error) failed(error);
      else bound();
    });
  });
  return { address, server };
}

/** What the stand-in of a mail server says to a recipient: the code, or undefined for yes. */
type Verdict = (recipient: string, stage: 'sender' | 'recipient' | 'data') => number | undefined;

/** The service on a database and a bus of its own, with peers and a mail server on the wire. */
export async function runMailer() {
  const world = {
    addresses: new Map<string, { email?: string; token?: string }>(),
    owners: new Map<string, string[]>(),
    away: false,
    verdict: (() => undefined) as Verdict,
    tries: [] as { to: string; messageId: string }[],
    mails: [] as (ParsedMail & { recipient: string })[],
    log: '',
  };
  const known = (id: string) => ({ name: '', ...world.addresses.get(id) });
  const peers = {
    identity: await standIn(
      'identity',
      {
        Accounts: { addressAccount: ({ accountId }: identity.AddressAccountRequest) => known(accountId) },
        SignUps: { addressSignUp: ({ signUpId }: identity.AddressSignUpRequest) => known(signUpId) },
      },
      () => world.away,
    ),
    organization: await standIn(
      'organization',
      {
        Invitations: {
          addressInvitation: ({ invitationId }: organization.AddressInvitationRequest) => known(invitationId),
        },
        Organizations: {
          listOwners: ({ organizationId }: organization.ListOwnersRequest) => ({
            accountIds: world.owners.get(organizationId) ?? [],
          }),
        },
      },
      () => world.away,
    ),
  };
  const refusal = (code: number | undefined, to: string) =>
    code === undefined ? undefined : Object.assign(new Error(`no such mailbox ${to}`), { responseCode: code });
  const smtp = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onMailFrom: ({ address }, _session, done) => {
      done(refusal(world.verdict(address, 'sender'), address));
    },
    onRcptTo: ({ address }, _session, done) => {
      done(refusal(world.verdict(address, 'recipient'), address));
    },
    onData: (stream, { envelope }, done) => {
      void simpleParser(stream).then((mail) => {
        const recipient = envelope.rcptTo[0]?.address ?? '';
        world.tries.push({ to: recipient, messageId: mail.messageId ?? '' });
        const refused = refusal(world.verdict(recipient, 'data'), recipient);
        if (!refused) world.mails.push({ ...mail, recipient });
        done(refused);
      });
    },
  });
  smtp.on('error', () => undefined);
  const smtpPort = await freePort();
  await new Promise<void>((listening) => {
    smtp.listen(smtpPort, '127.0.0.1', () => {
      listening();
    });
  });

  const [database, busDatabase, grpcAddress, own] = [
    await testDatabase(),
    await testDatabase(busSchema),
    `127.0.0.1:${await freePort()}`,
    pair(),
  ];
  const config = {
    grpcAddress,
    databaseUrl: database.url,
    ownerDatabaseUrl: database.ownerUrl,
    peers: { identity: peers.identity.address, organization: peers.organization.address },
    callerKey: own.privateKey,
    callerKeys: { mailer: own.publicKey },
    installationKey: randomBytes(32).toString('base64url'),
    smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
    mailFrom: 'Rollcall <no-reply@quantum.example>',
    origin: 'https://quantum.example',
  };
  const bus = new PostgresBus({ pool: busDatabase.pool, alarm: () => undefined });
  const logger = makeLogger('trace', {
    write: (line: string) => {
      world.log += line;
    },
  });
  const service = await startService(mailer, { config, clock: new SystemClock(), logger, bus });
  return {
    world,
    database,
    /** A fact as its owner's relay would publish it, on a stream of its own. Answers its event id. */
    async tell(fact: Fact): Promise<string> {
      const { topic } = factKinds[fact.name];
      const eventId = uuid();
      await bus.publish([
        {
          topic,
          key: `thing-${eventId}`,
          eventId,
          type: fact.name,
          version: 1,
          previous: 0,
          source: topic.split('.')[0] as ServiceName,
          time: new Date().toISOString(),
          position: '1.1.1',
          correlationId: uuid(),
          data: fact.data,
        },
      ]);
      return eventId;
    },
    /** What it has told of mails. */
    async outcomes(): Promise<DeliveredFact[]> {
      const facts: DeliveredFact[] = [];
      for (const { next, partition } of await bus.ranges('mailer.mails')) {
        for (let offset = 0; offset < next; offset++) {
          const record = await bus.recordAt('mailer.mails', partition, offset);
          const fact = record && deliveredFact(record.message);
          if (fact) facts.push(fact);
        }
      }
      return facts;
    },
    async stop() {
      await service.stop();
      for (const { server } of Object.values(peers)) server.forceShutdown();
      await new Promise<void>((closed) => {
        smtp.close(() => {
          closed();
        });
      });
      await bus.close();
      await Promise.all([database.drop(), busDatabase.drop()]);
    },
  };
}
