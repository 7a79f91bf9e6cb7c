import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { factKinds } from '#contracts';
import {
  type Authority,
  certificateFiles,
  type CertificateFiles,
  type EmbeddedKafka,
  makeAuthority,
  makeCertificate,
  startEmbeddedKafka,
} from '#local-servers';
import { makeLogger, openBus, readBusConfig, variableName } from '#platform';

/** A real broker, and what a service says of one whose certificate is not as it should be. */
describe('Kafka under TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-kafka-tls-'));
  const [ours, theirs] = [join(folder, 'ours'), join(folder, 'theirs')];
  const { topic } = factKinds['AccountRegistered.v1'];
  let broker: EmbeddedKafka | undefined;

  let authority: Authority;

  beforeAll(async () => {
    authority = await makeAuthority();
    await write(ours, authority, 'service', ['localhost']);
    await write(theirs, await makeAuthority(), 'service', ['localhost']);
  });
  afterEach(async () => {
    await broker?.stop();
    rmSync(join(folder, 'kafka'), { recursive: true });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  async function write(at: string, by: Authority, name: string, names: readonly string[], days?: number) {
    mkdirSync(at, { recursive: true });
    const files = certificateFiles(at, name);
    const { cert, key } = await makeCertificate(by, names, days);
    writeFileSync(files.tlsCa, by.pem);
    writeFileSync(files.tlsCert, cert);
    writeFileSync(files.tlsKey, key);
    return files;
  }
  const start = async (tls: CertificateFiles) => {
    broker = await startEmbeddedKafka({ folder: join(folder, 'kafka'), tls });
    return broker.brokers;
  };
  /** Whether identity finds its topics there, or why not. */
  async function asked(brokers: string, files: CertificateFiles): Promise<string> {
    const { bus, close } = openBus(
      'identity',
      readBusConfig({
        BUS: 'kafka',
        KAFKA_BROKERS: brokers,
        ...Object.fromEntries(Object.entries(files).map(([name, file]) => [variableName(name), file])),
      }),
      makeLogger('silent'),
    );
    try {
      return `${(await bus.ranges(topic)).length} partitions`;
    } catch (error) {
      return String(error);
    } finally {
      await close();
    }
  }

  it('answers who shows a certificate of its authority, and nobody with one of another', async () => {
    const brokers = await start(await write(ours, authority, 'broker', ['127.0.0.1']));
    expect(await asked(brokers, certificateFiles(ours, 'service'))).toBe('6 partitions');
    // Ours is known to them, theirs is not to it.
    const mixed = { ...certificateFiles(theirs, 'service'), tlsCa: certificateFiles(ours, 'service').tlsCa };
    expect(await asked(brokers, mixed)).toMatch(/alert|certificate/i);
    expect(await asked(brokers, certificateFiles(theirs, 'service'))).toMatch(/certificate/i);
  }, 90_000);

  it('is not spoken to when its certificate is for another name', async () => {
    const brokers = await start(await write(ours, authority, 'elsewhere', ['kafka.example.com']));
    expect(await asked(brokers, certificateFiles(ours, 'service'))).toMatch(/does not match certificate's altnames/);
  }, 90_000);

  it('is not spoken to when its certificate has ended', async () => {
    const lives = Date.now() + LIVES_MS;
    const brokers = await start(await write(ours, authority, 'ending', ['127.0.0.1'], LIVES_MS / 86_400_000));
    await pause(lives + 1_000 - Date.now());
    expect(await asked(brokers, certificateFiles(ours, 'service'))).toMatch(/certificate has expired/);
  }, 90_000);
});

/** A broker does not start with one that has ended: it ends under it. */
const LIVES_MS = 20_000;
