import { get, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { freePort } from '#testing';
import { observe } from './observed.ts';
import { startObservingServer } from './observing-server.ts';

describe('the server for the machines that watch', () => {
  let port: number;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    port = await freePort();
    stop = await startObservingServer(port);
  });
  afterAll(() => stop());

  const ask = (path: string, headers: Record<string, string> = {}) =>
    new Promise<IncomingMessage & { body: Buffer }>((answered, failed) => {
      get({ host: '127.0.0.1', port, path, headers, agent: false }, (answer) => {
        const parts: Buffer[] = [];
        answer
          .on('data', (part: Buffer) => parts.push(part))
          .once('end', () => {
            answered(Object.assign(answer, { body: Buffer.concat(parts) }));
          });
      }).once('error', failed);
    });
  const json = async (path: string) => {
    const { statusCode, body } = await ask(path);
    return [statusCode, JSON.parse(body.toString()) as unknown];
  };
  const judging = (ready: boolean, reasons: string[] = [], degraded: string[] = []) => ({
    judge: async () => ({ ready, reasons, degraded }),
    parts: {},
  });

  it('is not ready before any service of the process has started, though it lives', async () => {
    expect(await json('/readyz')).toEqual([503, { status: 'not ready', services: {} }]);
    expect(await json('/livez')).toEqual([200, { status: 'ok' }]);
  });

  it('is ready when all services of the process are, and tells of each why it is not and what is late', async () => {
    const ends = [observe('identity', judging(true, [], ['the relay is 90 s behind']))];
    expect(await json('/readyz?verbose')).toEqual([
      200,
      {
        status: 'ready',
        services: { identity: { status: 'ready', reasons: [], degraded: ['the relay is 90 s behind'] } },
      },
    ]);
    ends.push(observe('mailer', judging(false, ['the database does not answer'])));
    expect(await json('/readyz')).toMatchObject([
      503,
      {
        status: 'not ready',
        services: {
          identity: { status: 'ready' },
          mailer: { status: 'not ready', reasons: ['the database does not answer'] },
        },
      },
    ]);
    for (const end of ends) end();
  });

  it('gives metrics as they are, and small to whom takes them so', async () => {
    const [plain, small] = [await ask('/metrics'), await ask('/metrics', { 'accept-encoding': 'gzip;q=1.0' })];
    expect([plain.statusCode, plain.headers['content-encoding']]).toEqual([200, undefined]);
    expect(plain.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(small.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(small.body).toString()).toContain('# TYPE process_cpu_seconds_total counter');
    expect(small.body.length).toBeLessThan(plain.body.length / 3);
  });

  it('says of any other path which there are', async () => {
    expect(await json('/')).toEqual([404, { status: 'there are /metrics, /livez and /readyz' }]);
  });

  it('does not start on a port that is in use, and says what to do', async () => {
    await expect(startObservingServer(port)).rejects.toThrow(`port ${port} is in use. Set METRICS_PORT to another one`);
  });
});
