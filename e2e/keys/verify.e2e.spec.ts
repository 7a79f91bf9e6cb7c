import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { shapes, verifyAnswer } from '#contracts';
import { type Answer, Product, type SignedUp, Visitor } from '#testing';

const UNKNOWN = { valid: false, code: 'key/refused', detail: expect.any(String) };

describe('the internal port', () => {
  let product: Product;
  let ada: SignedUp;
  let whole: { id: string; secret: string };
  let limited: { id: string; secret: string };
  let inside: Visitor;
  const verify = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    inside.post('/verify', body, headers);
  const newKey = async (name: string, more: object = {}) => {
    const {
      body: { key, secret },
    } = await ada.visitor.post('/v1/keys', { name, projectId: ada.projectId, ...more });
    return { id: key.id as string, secret: secret as string };
  };

  beforeAll(async () => {
    product = await Product.start();
    inside = new Visitor(product.internal.origin);
    ada = await product.signUp('ada@example.com');
    whole = await newKey('whole', { scopes: ['*'] });
    limited = await newKey('limited', { scopes: ['billing:read'], expiresAt: '2999-01-01T00:00:00.000Z' });
  });
  afterAll(() => product.dispose());

  it('says whose key it is', async () => {
    const { status, body } = await verify({ key: whole.secret });
    expect(status).toBe(200);
    expect(verifyAnswer.parse(body)).toEqual({
      valid: true,
      keyId: whole.id,
      keyName: 'whole',
      projectId: ada.projectId,
      organizationId: ada.organizationId,
      accountId: ada.accountId,
      scopes: ['*'],
      expiresAt: null,
    });
  });

  it('says why a key does not work; unknown, revoked and expired are one', async () => {
    const revoked = await newKey('revoked');
    const expired = await newKey('expired', { expiresAt: new Date(Date.now() + 1_000).toISOString() });
    await ada.visitor.post(`/v1/keys/${revoked.id}/revoke`);
    await new Promise((later) => setTimeout(later, 1_100));
    const malformed = [
      `${whole.secret.slice(0, -1)}x`,
      'nothing',
      ' ',
      `${whole.secret}\n`,
      `${whole.secret} ${whole.secret}`,
      'k'.repeat(8_192),
    ];
    for (const key of malformed)
      expect((await verify({ key })).body).toMatchObject({ valid: false, code: 'key/malformed' });
    const answers = await Promise.all([revoked.secret, expired.secret].map((key) => verify({ key })));
    expect(answers.map(({ status, body }) => [status, body])).toEqual(answers.map(() => [200, UNKNOWN]));
    expect(new Set(answers.map(({ body }) => body.detail as string)).size).toBe(1);
  });

  it('asks for each scope that is wanted, and lets a key without scopes do all', async () => {
    expect((await verify({ key: limited.secret, scopes: ['billing:read'] })).body).toMatchObject({
      valid: true,
      scopes: ['billing:read'],
    });
    expect((await verify({ key: limited.secret, scopes: ['billing:read', 'jobs:write'] })).body).toEqual({
      valid: false,
      code: 'key/scope-required',
      detail: expect.stringContaining('jobs:write'),
    });
    expect((await verify({ key: whole.secret, scopes: ['jobs:write'] })).body.valid).toBe(true);
  });

  it('answers up to a hundred keys at once, in the order asked', async () => {
    const { status, body } = await verify({
      keys: [limited.secret, 'nothing', whole.secret, limited.secret],
      address: '2001:db8::7',
    });
    expect(status).toBe(200);
    expect((body.results as object[]).map((result) => ('keyId' in result ? result.keyId : result))).toEqual([
      limited.id,
      { ...UNKNOWN, code: 'key/malformed' },
      whole.id,
      limited.id,
    ]);
    expect((await verify({ keys: Array.from({ length: 100 }, () => whole.secret) })).body.results).toHaveLength(100);
  });

  it('points at what is wrong with a question, and never repeats a key', async () => {
    const bad: [body: unknown, status: number, pointer?: string][] = [
      [{}, 400, '/key'],
      [{ key: whole.secret, keys: [whole.secret] }, 400, '/key'],
      [{ key: 7 }, 400, '/key'],
      [{ key: '' }, 400, '/key'],
      [{ key: null }, 400, '/key'],
      [{ keys: [] }, 400, '/keys'],
      [{ keys: whole.secret }, 400, '/keys'],
      [{ keys: [whole.secret, 7] }, 400, '/keys/1'],
      [{ keys: Array.from({ length: 101 }, () => whole.secret) }, 400, '/keys'],
      [{ key: `${whole.secret}${'x'.repeat(10_000)}` }, 400, '/key'],
      [{ key: whole.secret, scopes: 'jobs:read' }, 400, '/scopes'],
      [{ key: whole.secret, scopes: ['JOBS'] }, 400, '/scopes/0'],
      [{ key: whole.secret, address: 'localhost' }, 400, '/address'],
      [{ key: whole.secret, addres: '10.0.0.1' }, 400, '/addres'],
      [[whole.secret], 400],
      ['null', 400],
      [`{"key":"${whole.secret}"`, 400],
      [`{"__proto__":{"key":"${whole.secret}"}}`, 400],
      [new Uint8Array([0x22, 0xff, 0x22]), 400],
      [JSON.stringify({ key: 'k'.repeat(1_200_000) }), 413],
    ];
    for (const [body, status, pointer] of bad) {
      const answer = await verify(body);
      expect([JSON.stringify(body).slice(0, 60), answer.status, shapes.problem.safeParse(answer.body).success]).toEqual(
        [JSON.stringify(body).slice(0, 60), status, true],
      );
      if (pointer !== undefined) expect(answer.body.errors).toEqual([expect.objectContaining({ pointer })]);
      expect(JSON.stringify(answer.body)).not.toContain(whole.secret.slice(10));
    }
    expect((await verify('key=x', { 'content-type': 'application/x-www-form-urlencoded' })).body.code).toBe(
      'request/unsupported-media-type',
    );
    expect([
      (await inside.get('/verify')).status,
      (await inside.get('/nothing')).status,
      (await inside.get(`/verify?key=${whole.secret}`)).body.code,
    ]).toEqual([405, 404, 'request/key-in-url']);
  });

  it('answers /authz and /livez, but nothing that is for people', async () => {
    const { status, headers } = await inside.get('/authz', { authorization: `apiKey ${whole.secret}` });
    expect([status, headers.get('rollcall-key')]).toEqual([200, whole.id]);
    expect((await inside.get('/livez')).status).toBe(200);
    for (const path of ['/', '/v1/keys', '/v0.4/whoami', '/docs', '/readyz'])
      expect([path, (await inside.get(path)).status]).toEqual([path, 404]);
  });

  it('is not on the public port: what has the same address there is a page, and takes nothing', async () => {
    expect((await product.visitor().post('/verify', { key: whole.secret })).status).toBe(405);
  });

  it('wrote no key into any log', () => {
    const logs = readdirSync(join(product.dataFolder, 'data'))
      .filter((name) => name.endsWith('.log'))
      .map((name) => readFileSync(join(product.dataFolder, 'data', name), 'utf8'));
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.join('')).not.toContain(whole.secret.slice(10));
  });

  it('never takes a key that cannot be looked up for a wrong one: 503, and when to ask again', async () => {
    // A key that was found good is answered from memory, so each is asked for until it is there.
    const unused = await Promise.all(Array.from({ length: 100 }, (_, n) => newKey(`unused ${n}`)));
    const answers: Answer[] = [];
    process.kill(
      Number(readFileSync(join(product.dataFolder, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]),
      'SIGINT',
    );
    for (let [good, after] = [0, 0]; after < 3 && good < unused.length;) {
      const answer = await verify({ keys: [unused[good]?.secret, 'nothing'] });
      answers.push(answer);
      if (answer.status !== 200) continue;
      good++;
      if (answers.some(({ status }) => status === 503)) after++;
      // The server may take its time to go.
      else await new Promise((later) => setTimeout(later, 100));
    }
    expect(
      answers.filter(({ status, body, headers }) =>
        status === 200 ? body.results[0].valid !== true : status !== 503 || headers.get('retry-after') === null,
      ),
    ).toEqual([]);
    expect(answers.some(({ status }) => status === 503)).toBe(true);
  });

  it('ends while a proxy goes on asking', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const once = () =>
      new Promise<boolean>((done) => {
        request(`${product.internal.origin}/authz`, { agent }, (answer) =>
          answer.resume().once('end', () => {
            done(true);
          }),
        )
          .once('error', () => {
            done(false);
          })
          .end();
      });
    const asking = (async () => {
      while (await once());
    })();
    expect(await product.end('SIGTERM')).toBe(0);
    await asking;
    agent.destroy();
  });
});
