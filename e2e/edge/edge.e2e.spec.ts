import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openApi, problems } from '#contracts';
import { type Answer, eventually, PASSWORD, Product, type SignedUp, tokenIn } from '#testing';

const JOB = {
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  shots: 10,
  input: { qubits: 1, gateset: 'qis', circuit: [{ gate: 'x', target: 0 }] },
};

describe('what everybody meets at the edge', () => {
  let product: Product;
  let ada: SignedUp;
  beforeAll(async () => {
    product = await Product.start();
    ada = await product.signUp('edge@example.com');
  });
  afterAll(() => product.dispose());

  const key = async (name: string) => {
    const { body } = await eventually(
      () => ada.visitor.post('/v1/keys', { name, projectId: ada.projectId }),
      ({ status }) => status === 201,
    );
    return { id: body.key.id as string, secret: body.secret as string };
  };
  const by = (secret: string) => ({ authorization: `apiKey ${secret}` });
  const problemOf = ({ status, body }: Answer) => [status, body.code, body.errors?.[0]?.pointer] as unknown[];

  /** A request as it is written, byte by byte; the answer's head. */
  const raw = (...lines: string[]) =>
    new Promise<string>((done, failed) => {
      let said = '';
      const socket = connect(product.port, '127.0.0.1', () =>
        socket.write([...lines, 'Connection: close', '', ''].join('\r\n')),
      );
      socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
      socket.on('close', () => {
        done(said);
      });
      socket.on('error', failed);
    });

  it.each(['/', '/sign-in', '/verify', '/invitation', '/docs/', '/problems/key/refused', '/v1/account', '/v0.4/jobs'])(
    'lets nobody frame %s, and nothing in it come from elsewhere',
    async (path) => {
      const { headers } = await product.visitor().get(path, { accept: 'text/html' });
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/https?:|\*|upgrade-insecure-requests/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      // Development is asked by plain http.
      expect(headers.get('strict-transport-security')).toBeNull();
    },
  );

  it('runs and styles by files alone: nothing stands in a page itself', async () => {
    for (const path of ['/', '/sign-in', '/verify', '/invitation', '/sso/none', '/problems/key/refused'])
      expect((await product.visitor().get(path, { accept: 'text/html' })).body).not.toMatch(/<style|<script>|\son\w+=/);
  });

  it('says with every 401 how to say who one is', async () => {
    const stranger = product.visitor();
    const asked = async (path: string, headers = {}) => {
      const { status, headers: said } = await stranger.get(path, headers);
      return [status, said.get('www-authenticate')];
    };
    const forKeys = [401, 'Bearer realm="Rollcall", ApiKey realm="Rollcall"'];
    expect(await asked('/v1/keys')).toEqual([401, 'Cookie realm="Rollcall"']);
    expect(await asked('/v0.4/jobs')).toEqual(forKeys);
    expect(await asked('/authz')).toEqual(forKeys);
    expect(await asked('/v1/account', by('nonsense'))).toEqual([401, 'Cookie realm="Rollcall"']);
  });

  it.each([
    ['DELETE', '/v1/account', 'GET'],
    ['PATCH', '/v1/organizations', 'GET, HEAD, POST'],
    ['PUT', '/v0.4/jobs/x', 'GET, HEAD, DELETE'],
    ['POST', '/livez', 'GET, HEAD'],
  ])('answers %s %s with 405 and the methods that there are', async (method, path, allowed) => {
    const answer = await ada.visitor.send(method, path, undefined);
    expect([answer.status, answer.body.code]).toEqual([405, 'request/method-not-allowed']);
    for (const each of allowed.split(', ')) expect(answer.headers.get('allow')?.split(', ')).toContain(each);
  });
  it('still has nothing where there is nothing', async () => {
    expect(problemOf(await ada.visitor.send('DELETE', '/v1/nothing', undefined))).toEqual([
      404,
      'request/not-found',
      undefined,
    ]);
  });

  it('shows a page to who opens an address in a browser, where there is nothing too, and answers programs as ever', async () => {
    const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    for (const path of ['/nothing', '/v1/account', '/%00']) {
      const [seen, told] = [await product.visitor().get(path, browser), await product.visitor().get(path)];
      expect([path, seen.status, seen.headers.get('content-type')]).toEqual([
        path,
        told.status,
        'text/html; charset=utf-8',
      ]);
      expect(told.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(seen.body).toContain(`href="/problems/${told.body.code as string}"`);
    }
  });

  it('lists its problems for people, and tells programs that read where everything is', async () => {
    const list = await product.visitor().get('/problems');
    for (const code of Object.keys(problems)) expect(list.body).toContain(`href="/problems/${code}"`);
    const told = await product.visitor().get('/llms.txt');
    expect(told.body).toMatch(/^# Rollcall\n/);
    const addresses = [...String(told.body).matchAll(/\]\((http[^)]+)\)/g)].map(
      ([, url = '']) => new URL(url).pathname,
    );
    expect(addresses.length).toBeGreaterThan(50);
    for (const path of addresses) expect([path, (await product.visitor().get(path)).status]).toEqual([path, 200]);
    expect((await product.visitor().get('/favicon.ico')).headers.get('content-type')).toBe('image/svg+xml');
  });

  it('has a first session that runs whole as it is copied, to a key that works and a job', async () => {
    const { body: script } = await product.visitor().get('/first-session.txt');
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-first-'));
    const said = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', String(script)], {
      cwd: folder,
      timeout: 30_000,
    });
    rmSync(folder, { recursive: true });
    expect(said.stdout).toMatch(/"key_name":"laptop"/);
    expect(said.stdout).toMatch(/"status":"submitted"/);
    expect(said.stdout).toMatch(/"jobs":\[\{"id":/);
  });

  it('answers as the document says: every good answer of a first day, and what is refused', async () => {
    const { body: document } = await product.visitor().get('/openapi.json');
    expect(document).toEqual(JSON.parse(JSON.stringify(openApi({ origin: product.origin, development: true }))));
    const { visitor, organizationId, projectId } = ada;
    const stranger = product.visitor();
    const made = await visitor.post('/v1/keys', { name: 'described', projectId });
    const keyed = by(made.body.secret as string);
    const { body: job } = await visitor.post('/v0.4/jobs', JOB, keyed);
    const gone = '01890a5d-ac96-774b-bcce-b302099a8057';
    const asked: [typeof stranger, string, string, unknown?, Record<string, string>?][] = [
      [stranger, 'POST', '/v1/sign-ups', { email: 'described@example.com' }],
      [stranger, 'POST', '/v1/sign-ups', { email: 'nobody' }],
      [stranger, 'POST', '/v1/sign-ups/verify', { token: 'x', name: 'A', password: PASSWORD }],
      [stranger, 'POST', '/v1/sessions', { email: 'nobody@example.com', password: PASSWORD }],
      [visitor, 'GET', '/v1/sessions'],
      [visitor, 'GET', '/v1/sessions/current'],
      [visitor, 'POST', '/v1/sessions/current/touch', {}],
      [visitor, 'GET', '/v1/account'],
      [stranger, 'GET', '/v1/account'],
      [visitor, 'PUT', '/v1/account/name', { name: 'Ada' }],
      [visitor, 'PUT', '/v1/account/name', {}],
      [visitor, 'PUT', '/v1/account/name', 'no json'],
      [visitor, 'GET', '/v1/account/inactivity'],
      [visitor, 'PUT', '/v1/account/idle-timeout', { enabled: false }],
      [visitor, 'GET', '/v1/organizations'],
      [visitor, 'POST', '/v1/organizations', { name: 'Described' }],
      [visitor, 'GET', `/v1/organizations/${organizationId}`],
      [visitor, 'GET', `/v1/organizations/${gone}`],
      [visitor, 'GET', `/v1/organizations/${organizationId}/members`],
      [visitor, 'GET', `/v1/organizations/${organizationId}/projects`],
      [visitor, 'POST', `/v1/organizations/${organizationId}/projects`, { name: 'Described' }],
      [
        visitor,
        'POST',
        `/v1/organizations/${organizationId}/invitations`,
        { email: 'invited@example.com', role: 'member', projectIds: [] },
      ],
      [visitor, 'GET', `/v1/organizations/${organizationId}/invitations`],
      [visitor, 'POST', `/v1/organizations/${organizationId}/leave`, {}],
      [visitor, 'GET', `/v1/projects/${projectId}/members`],
      [visitor, 'POST', `/v1/projects/${projectId}/rename`, { name: 'Mill' }],
      [visitor, 'GET', '/v1/keys'],
      [visitor, 'GET', `/v1/keys/${made.body.key.id as string}`],
      [visitor, 'POST', '/v1/keys', { name: 'x', projectId: gone }],
      [visitor, 'POST', '/v1/keys', { name: 'described', projectId }],
      [visitor, 'GET', '/v1/jobs'],
      [visitor, 'GET', '/v1/jobs?limit=no'],
      [visitor, 'GET', '/v1/events'],
      [stranger, 'GET', '/v0.4/whoami', undefined, keyed],
      [stranger, 'GET', '/v0.4/whoami'],
      [stranger, 'GET', '/v0.4/backends'],
      [stranger, 'POST', '/v0.4/jobs', JOB, keyed],
      [stranger, 'POST', '/v0.4/jobs', {}, keyed],
      [stranger, 'GET', '/v0.4/jobs', undefined, keyed],
      [stranger, 'GET', `/v0.4/jobs/${job.id as string}`, undefined, keyed],
      [stranger, 'GET', `/v0.4/jobs/${gone}`, undefined, keyed],
      [visitor, 'POST', `/v1/keys/${made.body.key.id as string}/rotate`, {}],
      [visitor, 'POST', `/v1/keys/${made.body.key.id as string}/revoke`, {}],
      [stranger, 'POST', '/v1/key-reports', { secret: 'x' }],
    ];
    // What is unlike the document, no visitor takes.
    for (const [who, method, path, body, headers] of asked) await who.send(method, path, body, headers);
  });

  it('refuses two Host headers', async () => {
    const said = await raw('GET /livez HTTP/1.1', `Host: localhost:${product.port}`, 'Host: elsewhere');
    expect(said).toMatch(/^HTTP\/1\.1 400 /);
    expect(said).toContain('Send one Host header');
  });

  it('answers its developer by each name of this machine, and nobody by another', async () => {
    for (const name of ['localhost', '127.0.0.1', '[::1]'])
      expect(await raw('GET /v1/account HTTP/1.1', `Host: ${name}:${product.port}`)).toMatch(/^HTTP\/1\.1 401 /);
    for (const name of [`localhost:1`, `127.0.0.2:${product.port}`, 'example.com'])
      expect(await raw('GET /v1/account HTTP/1.1', `Host: ${name}`)).toMatch(/^HTTP\/1\.1 421 /);
  });

  it('refuses a field that is sent twice, but where a job keeps what others mean', async () => {
    const { secret } = await key('twice');
    const text = JSON.stringify(JOB).slice(0, -1);
    const submit = (more: string) => ada.visitor.post('/v0.4/jobs', `${text},${more}}`, by(secret));
    expect(problemOf(await ada.visitor.put('/v1/account/name', '{"name":"a","name":"b"}'))).toEqual([
      400,
      'request/invalid',
      '/name',
    ]);
    expect((await submit('"name":"a","name":"b"')).status).toBe(400);
    expect((await submit('"metadata":{"a":"1","a":"2"}')).status).toBe(201);
  });

  it.each([
    ['nothing to be seen', '\u200b'],
    ['a filler that is no letter to the eye', '\u3164'],
    ['a turn of what follows', 'Ada\u202egpj.exe'],
    ['an isolate', '\u2066Ada'],
    ['a line end', 'Ada\nLovelace'],
  ])('takes no name with %s', async (_what, name) => {
    for (const answer of [
      await ada.visitor.put('/v1/account/name', { name }),
      await ada.visitor.post('/v1/organizations', { name }),
      await ada.visitor.post('/v1/keys', { name, projectId: ada.projectId }),
    ])
      expect(problemOf(answer)).toEqual([400, 'request/invalid', '/name']);
  });
  it.each(['Ада', '爱达', 'אדה', '👩‍💻', '#1'])('takes the name %s', async (name) => {
    expect((await ada.visitor.put('/v1/account/name', { name })).status).toBe(200);
  });

  it('says what is wrong with a field in words of its own', async () => {
    const { body } = await ada.visitor.post('/v1/keys', { name: '', scopes: 'jobs:read', expiresAt: 'tomorrow' });
    const errors = Object.fromEntries(
      (body.errors as { pointer: string; detail: string }[]).map(({ pointer, detail }) => [pointer, detail]),
    );
    expect(errors).toEqual({
      '/name': expect.stringMatching(/^must (not be empty|show at least one character)$/),
      '/projectId': 'is missing',
      '/scopes': 'must be a list',
      '/expiresAt': 'must be an instant such as 2026-11-29T12:00:00Z',
    });
  });

  it('walks a list of jobs by what it is given, and refuses what no list has given', async () => {
    const { secret } = await key('walk');
    for (let n = 0; n < 3; n++) await ada.visitor.post('/v0.4/jobs', JOB, by(secret));
    const walk = async (path: string, items: string, cursor: string, headers = {}) => {
      const seen: string[] = [];
      let next: string | null = '';
      for (let pages = 0; next !== null && pages < 20; pages++) {
        const { status, body } = await ada.visitor.get(
          `${path}?limit=1${next === '' ? '' : `&${cursor}=${next}`}`,
          headers,
        );
        expect(status).toBe(200);
        seen.push(...(body[items] as { id: string }[]).map(({ id }) => id));
        next = body.next as string | null;
      }
      return seen;
    };
    const [mine, theirs] = [
      await walk('/v1/jobs', 'items', 'after'),
      await walk('/v0.4/jobs', 'jobs', 'next', by(secret)),
    ];
    expect(new Set(mine).size).toBe(mine.length);
    expect(mine.length).toBeGreaterThanOrEqual(3);
    expect(theirs).toEqual(mine);
    for (const after of ['nonsense', 'zzzzzzzzzz.00000000-0000-0000-0000-00000000000g', '%00'])
      expect([after, (await ada.visitor.get(`/v1/jobs?after=${after}`)).status]).toEqual([after, 400]);
  });

  it('revokes every key in what is reported, however it was pasted', async () => {
    const keys = [await key('leak 1'), await key('leak 2'), await key('leak 3')];
    const [one, two, three] = keys.map(({ secret }) => secret);
    for (const secret of [`${one}\n`, `export KEY="${two}"\r\nAuthorization: apiKey ${three};`])
      expect((await product.visitor().post('/v1/key-reports', { secret })).status).toBe(202);
    for (const { secret } of keys) expect((await product.visitor().get('/v0.4/whoami', by(secret))).status).toBe(401);
  });

  it('carries a command out once for each project whose key asks, by one Idempotency-Key', async () => {
    const made = await ada.visitor.post(`/v1/organizations/${ada.organizationId}/projects`, { name: 'other' });
    const other = await eventually(
      () => ada.visitor.post('/v1/keys', { name: 'other', projectId: made.body.id as string }),
      ({ status }) => status === 201,
    );
    const { secret } = await key('one');
    const submit = async (by: string) => {
      const { status, body } = await ada.visitor.post('/v0.4/jobs', JOB, {
        'authorization': `apiKey ${by}`,
        'idempotency-key': 'same',
      });
      expect(status).toBe(201);
      return body.id as string;
    };
    const [first, again, elsewhere] = [
      await submit(secret),
      await submit(secret),
      await submit(other.body.secret as string),
    ];
    expect(again).toBe(first);
    expect(elsewhere).not.toBe(first);
  });

  it('signs in whoever knows the password, also eight times at once', async () => {
    const sign = () => product.visitor().post('/v1/sessions', { email: 'edge@example.com', password: PASSWORD });
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(Array.from({ length: 8 }, sign));
      expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [201, undefined]));
    }
  });

  it('spends a link once, and tells who comes second at the same moment what it tells who comes later', async () => {
    for (const email of ['twice-1@example.com', 'twice-2@example.com', 'twice-3@example.com']) {
      await product.visitor().post('/v1/sign-ups', { email });
      const token = tokenIn(await product.mail(email, /./));
      const spend = () => product.visitor().post('/v1/sign-ups/verify', { token, name: 'Ada', password: PASSWORD });
      const answers = await Promise.all([spend(), spend(), spend()]);
      const later = await spend();
      expect(answers.map(({ status }) => status).sort()).toEqual([201, later.status, later.status]);
      for (const { status, body } of answers) if (status !== 201) expect(body.code).toBe(later.body.code);
    }
  });

  it('answers every command that races with itself as if one had come after the other', async () => {
    const { visitor, organizationId, projectId } = ada;
    const { id } = await key('raced');
    const raced: Record<string, () => Promise<Answer>> = {
      'rename account': () => visitor.put('/v1/account/name', { name: 'Ada L.' }),
      'idle time-out': () => visitor.put('/v1/account/idle-timeout', { enabled: true }),
      'rename organization': () => visitor.put(`/v1/organizations/${organizationId}/name`, { name: 'Engines' }),
      'rename project': () => visitor.post(`/v1/projects/${projectId}/rename`, { name: 'Mill' }),
      'create organization': () => visitor.post('/v1/organizations', { name: 'Another' }),
      'create project': () => visitor.post(`/v1/organizations/${organizationId}/projects`, { name: 'Another' }),
      'invite': () =>
        visitor.post(`/v1/organizations/${organizationId}/invitations`, {
          email: 'r@example.com',
          role: 'member',
          projectIds: [],
        }),
      'issue': () => visitor.post('/v1/keys', { name: 'another', projectId }),
      'rotate': () => visitor.post(`/v1/keys/${id}/rotate`, {}),
      'revoke': () => visitor.post(`/v1/keys/${id}/revoke`),
      'touch': () => visitor.post('/v1/sessions/current/touch'),
    };
    for (const [name, command] of Object.entries(raced)) {
      const answers = await Promise.all(Array.from({ length: 8 }, command));
      const later = await command();
      for (const { status, body } of answers)
        expect([name, status, status < 300 ? '' : body.code]).toEqual([
          name,
          status < 300 ? status : later.status,
          status < 300 ? '' : later.body.code,
        ]);
    }
  });

  it('lets a key be rotated without a word about the overlap: the old one works for a day', async () => {
    const { id } = await key('rotated');
    const { status, body } = await ada.visitor.post(`/v1/keys/${id}/rotate`, {});
    expect(status).toBe(201);
    expect(Date.parse(body.oldKeyWorksUntil as string) - Date.now()).toBeGreaterThan(86_000_000);
  });
});
