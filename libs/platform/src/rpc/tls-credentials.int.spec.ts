import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { type Authority, makeAuthority, makeCertificate } from '#local-servers';
import { channelCredentials, serverCredentials, tellTurnedAway } from '#platform';
import { Client, type ServiceError, Server } from '@grpc/grpc-js';

const EVERY_MS = 20;
const NAME = ['127.0.0.1'];
const bytes = (value: Buffer) => value;
const METHOD = {
  path: '/a.Test/Ask',
  requestStream: false,
  responseStream: false,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
} as const;

describe('gRPC under TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-tls-'));
  const ends: (() => void)[] = [];
  let ours: Authority;
  let theirs: Authority;
  let files = 0;

  beforeAll(async () => {
    [ours, theirs] = await Promise.all([makeAuthority('ours'), makeAuthority('theirs')]);
  });
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** Files of a side, and how they are written over. */
  async function side(signer: Authority, { names = NAME, days = 30, trusts = ours } = {}) {
    const at = join(folder, String(++files));
    const config = { tlsCa: `${at}-ca.pem`, tlsCert: `${at}.pem`, tlsKey: `${at}.key` };
    const write = async (by: Authority, whom: Authority, until = days) => {
      const { cert, key } = await makeCertificate(by, names, until);
      writeFileSync(config.tlsCa, whom.pem);
      writeFileSync(config.tlsKey, key);
      writeFileSync(config.tlsCert, cert);
    };
    await write(signer, trusts);
    return { config, write };
  }

  const log = () => {
    const lines: string[] = [];
    const add = (about: object, text?: string) => void lines.push(`${JSON.stringify(about)} ${text ?? ''}`);
    return { lines, logger: { info: add, warn: add } as never };
  };

  async function serve(config: object) {
    const { lines, logger } = log();
    const server = new Server();
    server.addService(
      { ask: METHOD },
      {
        ask: (_call: unknown, done: (error: null, answer: Buffer) => void) => {
          done(null, Buffer.from('yes'));
        },
      },
    );
    const port = await new Promise<number>((bound, failed) => {
      server.bindAsync('127.0.0.1:0', serverCredentials(config, logger, EVERY_MS), (error, at) => {
        if (error) failed(error);
        else bound(at);
      });
    });
    tellTurnedAway(server, logger);
    ends.push(() => {
      server.forceShutdown();
    });
    return { port, lines };
  }

  function call(port: number, config: object, withinMs = 1_500) {
    const { lines, logger } = log();
    const client = new Client(`127.0.0.1:${port}`, channelCredentials(config, logger, EVERY_MS), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': 50,
    });
    ends.push(() => {
      client.close();
    });
    const ask = () =>
      new Promise<string>((answered) => {
        client.makeUnaryRequest(
          METHOD.path,
          bytes,
          bytes,
          Buffer.alloc(0),
          { deadline: Date.now() + withinMs },
          (error: ServiceError | null, answer) => {
            answered(error ? 'refused' : String(answer));
          },
        );
      });
    return { ask, lines };
  }

  async function until(look: () => boolean | Promise<boolean>) {
    for (const deadline = performance.now() + 15_000; performance.now() < deadline;) {
      if (await look()) return;
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    throw new Error('it did not happen within 15 s');
  }

  it('answers whom the authority has signed', async () => {
    const { port } = await serve((await side(ours)).config);
    const { ask } = call(port, (await side(ours)).config, 10_000);
    expect(await ask()).toBe('yes');
  });

  it.each<[string, (port: number) => Promise<ReturnType<typeof call>>, RegExp]>([
    [
      'of another authority',
      async (port) => call(port, (await side(theirs)).config),
      /not let in under TLS: its certificate was not signed/,
    ],
    [
      'none',
      async (port) => {
        const socket: TLSSocket = connect({ port, host: '127.0.0.1', ca: ours.pem, ALPNProtocols: ['h2'] });
        await new Promise((closed) => socket.on('error', closed).on('close', closed).resume());
        return { ask: () => Promise.resolve('refused'), lines: [] };
      },
      /not let in under TLS: it showed no certificate: give it TLS_CERT/,
    ],
    ['no TLS at all', (port) => Promise.resolve(call(port, {})), /not let in under TLS: it speaks no TLS/],
  ])('turns away a caller whose certificate is %s, and says what to do', async (_which, caller, says) => {
    const { port, lines } = await serve((await side(ours)).config);
    expect(await (await caller(port)).ask()).toBe('refused');
    await until(() => lines.some((line) => says.test(line)));
  });

  it('turns away a caller whose certificate has ended since', async () => {
    const { port, lines } = await serve((await side(ours)).config);
    const ended = await makeCertificate(ours, NAME, -1);
    const socket = connect({ port, host: '127.0.0.1', ca: ours.pem, ALPNProtocols: ['h2'], ...ended });
    await new Promise((closed) => socket.on('error', closed).on('close', closed).resume());
    await until(() => lines.some((line) => /has ended: renew/.test(line)));
  });

  it.each<[string, () => Promise<object>, RegExp]>([
    [
      'of another authority',
      async () => (await side(theirs, { trusts: ours })).config,
      /not connected to under TLS: its certificate was not signed by an authority in TLS_CA/,
    ],
    [
      'for another name',
      async () => (await side(ours, { names: ['identity'] })).config,
      /not connected to under TLS: its certificate is for other names/,
    ],
    ['none, as it speaks no TLS', () => Promise.resolve({}), /not connected to under TLS: it speaks no TLS/],
  ])('does not call a server whose certificate is %s, and says what to do', async (_which, server, says) => {
    const { port } = await serve(await server());
    const { ask, lines } = call(port, (await side(ours)).config);
    expect(await ask()).toBe('refused');
    expect(lines.join('\n')).toMatch(says);
  });

  it.each([
    ['are there by half', { tlsCa: 'ca.pem' }, /TLS_CA, TLS_CERT, TLS_KEY: are set together/],
    ['are not there', { tlsCa: '/none', tlsCert: '/none', tlsKey: '/none' }, /TLS_CA: \/none cannot be read/],
  ])('does not start with files that %s', (_which, config, says) => {
    expect(() => serverCredentials(config, log().logger)).toThrow(says);
  });

  it('does not start with a certificate that has ended, or with the key of another', async () => {
    const ended = await side(ours, { days: -1 });
    expect(() => serverCredentials(ended.config, log().logger)).toThrow(/TLS_CERT: .* has ended on .* Renew it/);
    const [one, other] = [await side(ours), await side(ours)];
    expect(() => serverCredentials({ ...one.config, tlsKey: other.config.tlsKey }, log().logger)).toThrow(
      /TLS_KEY: .* does not belong/,
    );
  });

  it('takes new certificates on both sides for new connections, without a restart', async () => {
    const [server, client] = [await side(ours), await side(ours)];
    const { port, lines } = await serve(server.config);
    const old = call(port, client.config, 10_000);
    expect(await old.ask()).toBe('yes');
    await server.write(theirs, theirs);
    await until(() => lines.some((line) => /new connections have new certificates/.test(line)));
    expect(await old.ask()).toBe('yes');
    expect(await call(port, (await side(ours)).config).ask()).toBe('refused');
    await client.write(theirs, theirs);
    await until(async () => (await call(port, client.config).ask()) === 'yes');
  });

  it('goes on with the last certificates that could be used, and says so', async () => {
    const server = await side(ours);
    const { port, lines } = await serve(server.config);
    writeFileSync(server.config.tlsCert, 'half of a certi');
    await until(() => lines.some((line) => /those from before stay/.test(line)));
    expect(await call(port, (await side(ours)).config, 10_000).ask()).toBe('yes');
  });
});
