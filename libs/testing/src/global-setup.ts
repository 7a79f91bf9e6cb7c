import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedKafka, whyNoKafka, type EmbeddedKafka } from '../../local-servers/src/embedded-kafka.ts';
import { startEmbeddedPostgres, type EmbeddedServer } from '../../local-servers/src/embedded-postgres.ts';

declare global {
  var rollcallTestServer: { server: EmbeddedServer; folder: string; kafka: LazyKafka } | undefined;
}

/** One real PostgreSQL for all tests that need one; each test makes its own database in it (`testDatabase`). */
export default async function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
  // Durability is what the kill tests prove, on a server of their own; here it would only cost time.
  const server = await startEmbeddedPostgres({
    folder: join(folder, 'postgres'),
    password: 'test',
    flags: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300'],
  });
  process.env.ROLLCALL_TEST_POSTGRES = server.url('postgres');
  globalThis.rollcallTestServer = { server, folder, kafka: await LazyKafka.open(join(folder, 'kafka')) };
}

/** A real Kafka broker for those tests that ask for one (`testKafka`): workers ask through a socket, and the first one starts it. */
class LazyKafka {
  private running: Promise<EmbeddedKafka> | undefined;
  private readonly server: Server;

  private constructor(private readonly folder: string) {
    this.server = createServer((socket) => {
      socket.on('error', () => undefined);
      void this.answer().then((text) => socket.end(text));
    }).unref();
  }

  static async open(folder: string): Promise<LazyKafka> {
    const lazy = new LazyKafka(folder);
    await new Promise<void>((done) => lazy.server.listen(0, '127.0.0.1', done));
    const address = lazy.server.address();
    process.env.ROLLCALL_TEST_KAFKA = String(typeof address === 'object' && address ? address.port : 0);
    return lazy;
  }

  async stop(): Promise<void> {
    this.server.close();
    await (await this.running?.catch(() => undefined))?.stop();
  }

  /** `host:port`, or `none` and why. */
  private async answer(): Promise<string> {
    try {
      this.running ??= this.start();
      return (await this.running).brokers;
    } catch (error) {
      return `none ${error instanceof Error ? error.message : 'for an unknown reason'}`;
    }
  }

  private start(): Promise<EmbeddedKafka> {
    if (whyNoKafka() !== undefined) {
      const made = spawnSync(join(import.meta.dirname, '../../../tools/kafka/prepare.sh'), { encoding: 'utf8' });
      if (made.status !== 0) return Promise.reject(new Error(made.stderr.trim() || made.stdout.trim()));
    }
    console.log('The Kafka tests run on a broker of their own (Java, tools/kafka).');
    return startEmbeddedKafka({ folder: this.folder });
  }
}
