import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { KafkaBus, PostgresBus } from '#bus';
import { certificateFiles, keepCertificates } from '#local-servers';
import { variableName } from '../base/config.ts';
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

  it('is spoken to under TLS, with our certificate, where TLS is asked for; in clear where KAFKA_TLS is 0', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-kafka-tls-'));
    await keepCertificates(folder, { all: ['localhost'] });
    const files = certificateFiles(folder, 'all');
    const { tlsCa, tlsCert, tlsKey } = files;
    const [ca, cert, key] = [tlsCa, tlsCert, tlsKey].map((file) => readFileSync(file));
    const broker = createServer({ ca, cert, key, requestCert: true, rejectUnauthorized: true });
    const came = (event: 'secureConnection' | 'tlsClientError') =>
      new Promise<boolean>((told) =>
        broker.once(event, (...args: unknown[]) => {
          const socket = args.at(-1) as TLSSocket;
          told(socket.authorized);
          socket.destroy();
        }),
      );
    await new Promise<void>((listening) => broker.listen(0, '127.0.0.1', listening));
    const env = {
      ...Object.fromEntries(Object.entries(files).map(([name, file]) => [variableName(name), file])),
      BUS: 'kafka',
      KAFKA_BROKERS: `localhost:${(broker.address() as AddressInfo).port}`,
    };
    const [encrypted, clear] = [open(env), open({ ...env, KAFKA_TLS: '0' })];
    const [safe] = [came('secureConnection'), encrypted.bus.ranges('identity.accounts').catch(() => undefined)];
    expect(await safe).toBe(true);
    const [plain] = [came('tlsClientError'), clear.bus.ranges('identity.accounts').catch(() => undefined)];
    expect(await plain).toBe(false);
    await Promise.all([encrypted.close(), clear.close()]);
    broker.close();
    rmSync(folder, { recursive: true });
  });
});
