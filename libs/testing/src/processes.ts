import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceName } from '#contracts';
import { freePort } from '#local-servers';
import type { Product } from './product.ts';

/** The processes of a product on `npm run start:services`, to be killed, paused and joined. */
export class Processes {
  private readonly data: string;

  constructor(product: Product) {
    this.data = join(product.dataFolder, 'data');
  }

  /** Names of all that run: services, their replicas (`organization-2`), gateways. */
  get names(): string[] {
    return readdirSync(this.data)
      .filter((file) => file.endsWith('.env'))
      .map((file) => file.slice(0, -'.env'.length));
  }

  /** The living process of this name, by what the starter has noted. */
  pid(name: string): number {
    const pids = readFileSync(join(this.data, 'children'), 'utf8')
      .split('\n')
      .filter((line) => line.endsWith(` ${name}`))
      .map((line) => Number(line.split(' ')[0]));
    const pid = pids.findLast((each) => existsSync(`/proc/${each}`));
    if (pid === undefined) throw new Error(`${name} does not run`);
    return pid;
  }

  /** How many processes the starter has started so far. */
  get started(): number {
    return readFileSync(join(this.data, 'children'), 'utf8').split('\n').length - 1;
  }

  signal(name: string, signal: NodeJS.Signals): void {
    process.kill(this.pid(name), signal);
  }

  /** Waits until a process of this name runs that is not the one before. */
  async restarted(name: string, before: number, withinMs = 60_000): Promise<void> {
    for (const deadline = Date.now() + withinMs; ; await pause(50)) {
      try {
        if (this.pid(name) !== before) return;
      } catch {
        // Not yet.
      }
      if (Date.now() > deadline) throw new Error(`${name} was not started again`);
    }
  }

  /** The Java machine of the broker. */
  get broker(): number {
    return Number(readFileSync(join(this.data, 'kafka', 'broker.pid'), 'utf8'));
  }

  /** Where clients of the broker connect. */
  get brokers(): string {
    return this.environment('organization').KAFKA_BROKERS ?? '';
  }

  /** What a process of this name is told. */
  environment(name: string): NodeJS.Dict<string> {
    return parseEnv(readFileSync(join(this.data, `${name}.env`), 'utf8'));
  }

  /** One more process of a service, as an operator would start it by hand: the same environment, another address. */
  async join(service: ServiceName): Promise<{ leave(signal?: NodeJS.Signals): Promise<void> }> {
    const child = spawn(process.execPath, ['--enable-source-maps', `dist/apps/${service}/src/main.js`], {
      env: { PATH: process.env.PATH, ...this.environment(service), GRPC_ADDRESS: `127.0.0.1:${await freePort()}` },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await ready(child, service);
    return {
      leave: async (signal = 'SIGTERM') => {
        const ended = new Promise((done) => child.once('exit', done));
        child.kill(signal);
        await ended;
      },
    };
  }
}

const ready = (child: ChildProcess, name: string) =>
  new Promise<void>((done, failed) => {
    child.once('message', () => {
      done();
    });
    child.once('exit', () => {
      failed(new Error(`one more ${name} did not start`));
    });
  });
