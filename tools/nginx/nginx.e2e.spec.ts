import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { shapes } from '#contracts';
import { freePort } from '#local-servers';
import { eventually, Product, type SignedUp } from '#testing';

const run = promisify(execFile);
const SAMPLE = 'docs/gateway/nginx.conf';
const NOBODY = 65_534;
const FIVE = ['rollcall-account', 'rollcall-organization', 'rollcall-project', 'rollcall-key', 'rollcall-scopes'];

interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The platform's own API: it answers what it was told. */
async function startApi(): Promise<{ server: Server; port: number; seen: IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer({ maxHeaderSize: 65_536 }, ({ headers, url }, reply) => {
    seen.push(headers);
    reply.writeHead(url === '/broken' ? 500 : 200, { 'content-type': 'text/plain' }).end('from the API');
  });
  const port = await freePort();
  await new Promise<void>((listening) => {
    server.listen(port, '127.0.0.1', listening);
  });
  return { server, port, seen };
}

/** nginx on the sample as it stands in the documentation, but for its ports; without rights, in a folder of its own. */
async function startNginx(
  program: string,
  folder: string,
  ports: { at: number; gateway: string; api: number },
): Promise<ChildProcess> {
  const sample = [
    [/127\.0\.0\.1:8081/, ports.gateway],
    [/127\.0\.0\.1:3000/, `127.0.0.1:${ports.api}`],
    [/listen 8000;/, `listen 127.0.0.1:${ports.at};`],
  ] as const;
  let text = readFileSync(SAMPLE, 'utf8');
  for (const [was, is] of sample) {
    expect(text.match(new RegExp(was, 'g'))).toHaveLength(1);
    text = text.replace(was, is);
  }
  const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join(' ');
  writeFileSync(join(folder, 'sample.conf'), text);
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${join(folder, 'pid')}; error_log ${join(folder, 'error.log')}; events {} http { access_log off; ${own} include ${join(folder, 'sample.conf')}; }`,
  );
  const rights = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if ('uid' in rights) chownSync(folder, NOBODY, NOBODY);
  return spawn(program, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
    stdio: 'ignore',
    ...rights,
  });
}

describe('the sample for nginx', () => {
  let product: Product;
  let ada: SignedUp;
  let api: Awaited<ReturnType<typeof startApi>>;
  let nginx: ChildProcess;
  let folder: string;
  let at: number;
  let key: { id: string; secret: string };

  const ask = (
    path: string,
    headers: readonly string[] = [],
    method = 'GET',
    body?: string,
    from = '127.0.0.1',
  ): Promise<HttpAnswer> =>
    new Promise((answered, failed) => {
      const asking = request(
        `http://127.0.0.1:${at}${path}`,
        {
          method,
          agent: false,
          localAddress: from,
          headers: [
            'Host',
            'api.example.com',
            ...headers,
            ...(body === undefined ? [] : ['Content-Length', String(body.length)]),
          ],
        },
        (answer) => {
          let text = '';
          answer
            .setEncoding('utf8')
            .on('data', (chunk: string) => {
              text += chunk;
            })
            .once('end', () => {
              answered({ status: answer.statusCode ?? 0, headers: answer.headers, body: text });
            });
        },
      ).once('error', failed);
      asking.end(body);
    });
  const bearing = (secret: string, ...more: string[]) => ask('/jobs', ['Authorization', `Bearer ${secret}`, ...more]);
  const newKey = async (name: string, more: object = {}) => {
    const {
      body: {
        key: { id },
        secret,
      },
    } = await ada.visitor.post('/v1/keys', { name, projectId: ada.projectId, ...more });
    return { id: id as string, secret: secret as string };
  };
  const refused = ({ status, headers, body }: HttpAnswer) => [
    status,
    headers['content-type'],
    (JSON.parse(body) as { code: string }).code,
  ];

  beforeAll(async () => {
    const { stdout } = await run('tools/nginx/prepare.sh').catch((error: unknown) => {
      throw new Error(`nginx is not there. ${error instanceof Error ? error.message : ''}`);
    });
    [product, api, at] = await Promise.all([Product.start({ TRUSTED_PROXIES: 'loopback' }), startApi(), freePort()]);
    folder = mkdtempSync(join(tmpdir(), 'rollcall-nginx-'));
    nginx = await startNginx(stdout.trim(), folder, {
      at,
      gateway: product.internal.origin.slice('http://'.length),
      api: api.port,
    });
    ada = await product.signUp('ada@example.com');
    key = await newKey('whole');
    await eventually(
      () =>
        ask('/').then(
          ({ status }) => ({ status, headers: new Headers(), body: '' }),
          () => ({ status: 0, headers: new Headers(), body: '' }),
        ),
      ({ status }) => status === 401,
    );
  }, 600_000);
  afterAll(async () => {
    nginx.kill();
    api.server.close();
    await product.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it('lets a good key through, and tells the API whose it is, but not the key', async () => {
    const limited = await newKey('limited', { scopes: ['billing:read', 'jobs:read'] });
    expect(await bearing(limited.secret)).toMatchObject({ status: 200, body: 'from the API' });
    const told = api.seen.at(-1) ?? {};
    expect(FIVE.map((name) => told[name])).toEqual([
      ada.accountId,
      ada.organizationId,
      ada.projectId,
      limited.id,
      'billing:read jobs:read',
    ]);
    expect(told.authorization).toBeUndefined();
    expect(
      await ask(
        '/jobs',
        ['Authorization', `apiKey ${key.secret}`, 'Content-Type', 'application/json'],
        'POST',
        '{"a":1}',
      ),
    ).toMatchObject({ status: 200 });
  });

  it('tells from where a key is presented, whatever the client says of that', async () => {
    const bound = await newKey('bound', { addresses: ['127.0.0.2'] });
    const from = (address: string, ...more: string[]) =>
      ask('/jobs', ['Authorization', `Bearer ${bound.secret}`, ...more], 'GET', undefined, address);
    // On a busy machine the first look-up may take longer than it is waited for: 503, and asked again.
    await eventually(
      async () => ({ ...(await from('127.0.0.2')), headers: new Headers(), body: {} }),
      ({ status }) => status === 200,
    );
    expect(refused(await from('127.0.0.3'))).toEqual([401, 'application/problem+json', 'key/refused']);
    expect((await from('127.0.0.3', 'X-Forwarded-For', '127.0.0.2')).status).toBe(401);
    expect((await from('127.0.0.2', 'X-Forwarded-For', '127.0.0.3')).status).toBe(200);
  });

  it('ends what the client sends under the names of identity', async () => {
    const spoofed = [...FIVE, 'ROLLCALL-ACCOUNT', 'rollcall_account', 'Rollcall_Key'].flatMap((name) => [
      name,
      'spoofed',
    ]);
    expect((await bearing(key.secret, ...spoofed)).status).toBe(200);
    const told = api.seen.at(-1) ?? {};
    expect(FIVE.map((name) => told[name])).toEqual([
      ada.accountId,
      ada.organizationId,
      ada.projectId,
      key.id,
      'jobs:read jobs:write',
    ]);
    expect(JSON.stringify(told)).not.toContain('spoofed');
  });

  it('refuses what is no key of ours, and the API hears nothing of it', async () => {
    const before = api.seen.length;
    for (const [code, ...headers] of [
      ['key/missing'],
      ['key/missing', 'Authorization', 'Basic YTpi'],
      ['key/malformed', 'Authorization', 'Bearer nothing'],
      ['key/malformed', 'Authorization', `Bearer ${key.secret.slice(0, -1)}`],
      ['key/malformed', 'X-API-Key', key.secret.slice(0, -1)],
    ])
      expect(refused(await ask('/jobs', headers))).toEqual([401, 'application/problem+json', code]);
    // Newer versions of nginx refuse two of them on their own.
    expect([400, 401]).toContain(
      (await ask('/jobs', ['Authorization', 'Bearer nothing', 'Authorization', `Bearer ${key.secret}`])).status,
    );
    expect((await ask('/authz', ['Authorization', `Bearer ${key.secret}`])).status).toBe(404);
    expect(api.seen.length).toBe(before);
  });

  it("refuses in Rollcall's own words: what it is, and what to do", async () => {
    const { body } = await ask('/jobs');
    expect(shapes.problem.parse(JSON.parse(body))).toMatchObject({
      code: 'key/missing',
      detail: expect.stringContaining('X-API-Key'),
      requestId: expect.stringMatching(/.{20}/),
    });
  });

  it('takes a key alone in X-API-Key, and keeps it from the API', async () => {
    expect((await ask('/jobs', ['X-API-Key', key.secret])).status).toBe(200);
    expect(api.seen.at(-1)).toMatchObject({ 'rollcall-key': key.id });
    expect(JSON.stringify(api.seen.at(-1))).not.toContain(key.secret);
  });

  it("asks the API what a browser asks before it sends a key, in nobody's name; any other OPTIONS needs the key", async () => {
    const asked = [
      'Origin',
      'https://app.example.com',
      'Access-Control-Request-Method',
      'PUT',
      'Rollcall-Account',
      'me',
    ];
    expect(await ask('/jobs', asked, 'OPTIONS')).toMatchObject({ status: 200, body: 'from the API' });
    expect(FIVE.map((name) => api.seen.at(-1)?.[name])).toEqual(FIVE.map(() => undefined));
    expect((await ask('/jobs', [], 'OPTIONS')).status).toBe(401);
    expect((await ask('/jobs', asked, 'GET')).status).toBe(401);
  });

  it('opens a WebSocket to those whose key works', async () => {
    const asked = ['Connection', 'Upgrade', 'Upgrade', 'websocket'];
    await ask('/jobs', [...asked, 'Authorization', `Bearer ${key.secret}`]);
    expect(api.seen.at(-1)).toMatchObject({ 'connection': 'upgrade', 'upgrade': 'websocket', 'rollcall-key': key.id });
    expect((await ask('/jobs', asked)).status).toBe(401);
  });

  it('asks of a request with many cookies, too: they are not its business', async () => {
    const cookies = ['a', 'b', 'c'].map((name) => `${name}=${'x'.repeat(7_000)}`);
    expect((await bearing(key.secret, ...cookies.flatMap((cookie) => ['Cookie', cookie]))).status).toBe(200);
  });

  it('leaves the answers of the API alone', async () => {
    expect(await ask('/broken', ['Authorization', `Bearer ${key.secret}`])).toMatchObject({
      status: 500,
      body: 'from the API',
    });
  });

  it('refuses a revoked key in the moment that the revocation returns', async () => {
    const gone = await newKey('gone');
    expect((await bearing(gone.secret)).status).toBe(200);
    expect((await ada.visitor.post(`/v1/keys/${gone.id}/revoke`)).status).toBe(200);
    expect(refused(await bearing(gone.secret))).toEqual([401, 'application/problem+json', 'key/refused']);
  });

  it('says that the account is suspended', async () => {
    await product.advance(167 * 86_400);
    await product.mail('ada@example.com', /inactivity/i);
    await product.advance(15 * 86_400);
    await product.mail('ada@example.com', /was suspended/i);
    // Mailer and gate hear of it each by itself.
    await eventually(
      () => bearing(key.secret),
      ({ status }) => status === 403,
    );
    expect(refused(await bearing(key.secret))).toEqual([403, 'application/problem+json', 'account/suspended']);
  });

  it('lets nothing pass while Rollcall is away', async () => {
    const before = api.seen.length;
    await product.end('SIGTERM');
    const { headers, ...said } = await bearing(key.secret);
    expect(refused({ headers, ...said })).toEqual([503, 'application/problem+json', 'service/unavailable']);
    expect(headers['retry-after']).toBe('2');
    expect(api.seen.length).toBe(before);
  });
});
