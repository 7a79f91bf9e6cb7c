import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '#local-servers';
import { eventually, Product, type SignedUp } from '#testing';

const run = promisify(execFile);
const FOLDER = 'tools/proxies';
const INSTALL_MAX_MS = 600_000;
const FIVE = ['rollcall-account', 'rollcall-organization', 'rollcall-project', 'rollcall-key', 'rollcall-scopes'];

interface Ports {
  readonly at: number;
  readonly internal: string;
  readonly grpc: string;
  readonly api: number;
}
interface Said {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A sample as it stands in the documentation, but for what stands there once or more and is another here. */
function sample(name: string, here: readonly (readonly [string, string])[]): string {
  let text = readFileSync(`docs/gateway/${name}`, 'utf8');
  for (const [was, is] of here) {
    expect(text).toContain(was);
    text = text.replaceAll(was, is);
  }
  return text;
}

/** What a sample says of where things are, and what is said here; then how the proxy is started with it. */
const proxies: Readonly<Record<string, (folder: string, ports: Ports) => readonly string[]>> = {
  caddy: (folder, { at, internal, api }) => {
    const file = join(folder, 'Caddyfile');
    const text = sample('Caddyfile', [
      ['127.0.0.1:8081', internal],
      ['127.0.0.1:3000', `127.0.0.1:${api}`],
      ['\napi.example.com {', `\nhttp://api.example.com:${at} {`],
    ]);
    writeFileSync(file, `{\n\tadmin off\n}\n${text}`);
    return ['caddy', 'run', '--config', file];
  },
  traefik: (folder, { at, internal, api }) => {
    // By its own name it would be taken for the static configuration, too.
    const file = join(folder, 'sample.yml');
    writeFileSync(
      file,
      sample('traefik.yml', [
        ['http://127.0.0.1:8081/authz', `http://${internal}/authz`],
        ['127.0.0.1:3000', `127.0.0.1:${api}`],
      ]),
    );
    return [
      'traefik',
      '--global.checknewversion=false',
      `--entrypoints.web.address=127.0.0.1:${at}`,
      `--providers.file.filename=${file}`,
    ];
  },
  envoy: (folder, { at, grpc, api }) => {
    const file = join(folder, 'envoy.yaml');
    const [, grpcPort = ''] = grpc.split(':');
    writeFileSync(
      file,
      sample('envoy.yaml', [
        ['address: 0.0.0.0, port_value: 8000', `address: 127.0.0.1, port_value: ${at}`],
        ['port_value: 8091', `port_value: ${grpcPort}`],
        ['port_value: 3000', `port_value: ${api}`],
      ]),
    );
    return ['envoy', '--config-path', file, '--concurrency', '1', '--use-dynamic-base-id', '--log-level', 'error'];
  },
};

describe.each(Object.entries(proxies))('the sample for %s', (_name, configure) => {
  const seen: IncomingHttpHeaders[] = [];
  let [api, proxy, product, ada]: [Server?, ChildProcess?, Product?, SignedUp?] = [];
  let [folder, at, secret, keyId] = ['', 0, '', ''];

  const ask = (headers: Readonly<Record<string, string>> = {}, path = '/jobs'): Promise<Said> =>
    new Promise((answered, failed) => {
      request(
        `http://127.0.0.1:${at}${path}`,
        { agent: false, headers: { host: 'api.example.com', ...headers } },
        (answer) => {
          let body = '';
          answer
            .setEncoding('utf8')
            .on('data', (chunk: string) => {
              body += chunk;
            })
            .once('end', () => {
              answered({ status: answer.statusCode ?? 0, headers: answer.headers, body });
            });
        },
      )
        .once('error', failed)
        .end();
    });
  const bearing = (key: string, more = {}) => ask({ authorization: `Bearer ${key}`, ...more });
  const codeOf = ({ status, body }: Said) => [status, (JSON.parse(body) as { code: string }).code];

  beforeAll(async () => {
    await run('tools/venv.sh', [FOLDER]);
    api = createServer(({ headers }, reply) => {
      seen.push(headers);
      reply.end('from the API');
    });
    const apiPort = await freePort();
    await new Promise<void>((listening) => api?.listen(apiPort, '127.0.0.1', listening));
    product = await Product.start({ TRUSTED_PROXIES: 'loopback' });
    const { visitor, projectId } = (ada = await product.signUp('ada@example.com'));
    const { body } = await eventually(
      () => visitor.post('/v1/keys', { name: 'k', projectId }),
      ({ status }) => status === 201,
    );
    [secret, keyId] = [body.secret as string, body.key.id as string];
    folder = mkdtempSync(join(tmpdir(), 'rollcall-proxy-'));
    at = await freePort();
    const { origin, grpc } = product.internal;
    const [program = '', ...args] = configure(folder, {
      at,
      internal: origin.slice('http://'.length),
      grpc,
      api: apiPort,
    });
    proxy = spawn(`${FOLDER}/.venv/bin/${program}`, args, {
      stdio: 'ignore',
      env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    });
    await eventually(
      () => ask().catch(() => ({ status: 0, body: '' })),
      ({ status }) => status === 401,
      60_000,
    );
  }, INSTALL_MAX_MS);
  afterAll(async () => {
    proxy?.kill();
    api?.close();
    await product?.dispose();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  it('lets a good key through and tells the API whose it is, whatever the client says, but not the key', async () => {
    const spoofed = Object.fromEntries(FIVE.map((name) => [name, 'spoofed']));
    expect(await bearing(secret, spoofed)).toMatchObject({ status: 200, body: 'from the API' });
    const told = seen.at(-1) ?? {};
    expect(FIVE.map((name) => told[name])).toEqual([
      ada?.accountId,
      ada?.organizationId,
      ada?.projectId,
      keyId,
      'jobs:read jobs:write',
    ]);
    expect(told.authorization).toBeUndefined();
    expect((await ask({ 'x-api-key': secret })).status).toBe(200);
    expect(JSON.stringify(seen.at(-1))).not.toContain(secret);
  });

  it("refuses in Rollcall's own words what is no key, and the API hears nothing of it", async () => {
    const before = seen.length;
    expect(codeOf(await ask())).toEqual([401, 'key/missing']);
    expect(codeOf(await bearing('nothing'))).toEqual([401, 'key/malformed']);
    expect(seen.length).toBe(before);
  });

  it('refuses a revoked key in the moment that the revocation returns', async () => {
    expect((await bearing(secret)).status).toBe(200);
    expect((await ada?.visitor.post(`/v1/keys/${keyId}/revoke`))?.status).toBe(200);
    expect(codeOf(await bearing(secret))).toEqual([401, 'key/refused']);
  });

  it('lets nothing pass while Rollcall is away', async () => {
    const before = seen.length;
    await product?.end('SIGTERM');
    expect((await bearing(secret)).status).toBeGreaterThanOrEqual(500);
    expect(seen.length).toBe(before);
  }, 30_000);
});
