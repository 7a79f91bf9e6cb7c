import { existsSync, readFileSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { SERVICES } from '#contracts';
import { type Answer, eventually, PASSWORD, Processes, Product, type SignedUp, Visitor } from '#testing';

const LEASE_S = 3;
const NOBODY: Answer = { status: 599, headers: new Headers(), body: {} };

describe('an older copy of the databases', () => {
  let product: Product;
  let processes: Processes;
  let ada: SignedUp;
  let gateways: readonly Visitor[];
  let revoked: Awaited<ReturnType<typeof newKey>>;
  let good: Awaited<ReturnType<typeof newKey>>;
  const postgres = () => join(product.dataFolder, 'data', 'postgres');
  const copy = () => join(product.dataFolder, 'copy');
  const authz = (at: Visitor, secret: string) =>
    at.get('/authz', { authorization: `Bearer ${secret}` }).catch(() => NOBODY);
  const newKey = async (name: string) =>
    (await ada.visitor.post('/v1/keys', { name, projectId: ada.projectId })).body as {
      key: { id: string };
      secret: string;
    };
  const signIn = () => product.visitor().post('/v1/sessions', { email: 'ada@example.com', password: PASSWORD });
  /** Owners and modes stay: PostgreSQL looks at them. */
  const copyFolder = (from: string, to: string) => {
    rmSync(to, { recursive: true, force: true });
    execFileSync('cp', ['-a', from, to]);
  };
  /** As if the disk under PostgreSQL were changed while everybody else goes on. */
  const replaceDatabases = async (change: () => void) => {
    const pid = Number(readFileSync(join(postgres(), 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(product.pid, 'SIGSTOP');
    process.kill(pid, 'SIGINT');
    for (; existsSync(`/proc/${pid}`);) await new Promise((later) => setTimeout(later, 20));
    change();
    process.kill(product.pid, 'SIGCONT');
  };

  beforeAll(async () => {
    product = await Product.start({ LEASE: String(LEASE_S) }, { script: 'start:services', args: ['--gateways', '2'] });
    processes = new Processes(product);
    gateways = [new Visitor(product.origin), new Visitor(`http://localhost:${product.port + 1}`)];
    ada = await product.signUp('ada@example.com');
  });
  afterAll(() => product.dispose());

  it('T-MOV-13 accepts no key that was revoked after it was made, not even while gateways are warm, and says what to do', async () => {
    [revoked, good] = [await newKey('revoked'), await newKey('good')];
    for (const gateway of gateways)
      for (const { secret } of [revoked, good]) expect((await authz(gateway, secret)).status).toBe(200);
    await replaceDatabases(() => {
      copyFolder(postgres(), copy());
    });
    await eventually(
      () =>
        product
          .visitor()
          .get('/readyz')
          .catch(() => NOBODY),
      ({ status }) => status === 200,
      60_000,
    );
    for (const gateway of gateways)
      for (const { secret } of [revoked, good])
        await eventually(
          () => authz(gateway, secret),
          ({ status }) => status === 200,
        );
    expect((await ada.visitor.post(`/v1/keys/${revoked.key.id}/revoke`)).body).toMatchObject({ enforced: true });
    for (const gateway of gateways) expect((await authz(gateway, revoked.secret)).status).toBe(401);

    expect((await signIn()).status).toBe(201);
    await eventually(
      () =>
        product
          .rollcall('outbox', 'status', '--service', 'identity', '-o', 'plain')
          .then(({ code, stdout }) => ({ status: code, body: stdout.split('\t')[4] })),
      ({ body }) => body === '0',
    );

    const before = processes.pid('gateway');
    await replaceDatabases(() => {
      copyFolder(copy(), postgres());
    });
    const seen = new Set<number>();
    // Longer than a lease: at its beginning gateways hold verdicts, at its end none does.
    for (const until = performance.now() + (LEASE_S + 4) * 1_000; performance.now() < until;) {
      for (const gateway of gateways) seen.add((await authz(gateway, revoked.secret)).status);
    }
    expect([...seen].filter((status) => status !== 401 && status !== 503)).toEqual([]);
    expect(processes.pid('gateway')).toBe(before);
    const late = await eventually(
      () => authz(gateways[1] ?? product.visitor(), good.secret),
      ({ body }) => body.code === 'log/older',
      30_000,
    );
    expect(late).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining('rollcall log reopen key-management') as string },
    });
    expect(late.headers.get('retry-after')).toMatch(/^\d+$/);

    // Sessions, commands, sign-ins and revocations: none of them is judged by what may be missing.
    for (const act of [
      () => ada.visitor.get('/v1/account'),
      () => ada.visitor.post('/v1/keys', { name: 'late', projectId: ada.projectId }),
      () => ada.visitor.post(`/v1/keys/${revoked.key.id}/revoke`),
      signIn,
    ])
      expect(await act()).toMatchObject({ status: 503, body: { code: 'log/older' } });
    expect((await product.visitor().get('/readyz')).status).toBe(503);
    expect((await product.rollcall('status')).stdout).toMatch(/key-management\s+not-ready.*older copy/);
  });

  it('T-MOV-10 goes on from the copy only when an operator has seen what that loses, owners first, and revokes again what was revoked', async () => {
    const plan = () => product.rollcall('log', 'reopen', 'key-management', '-o', 'json');
    expect(await plan()).toMatchObject({ code: 4, stderr: expect.stringContaining('identity') as string });
    for (const service of ['identity', 'organization']) {
      const { code } = await product.rollcall('log', 'reopen', service, '--apply', '--reason', 'the disk is lost');
      // Those that had decided nothing since are whole, and are left alone.
      expect([0, 4]).toContain(code);
    }
    const planned = await plan();
    expect(planned).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing was changed') as string });
    expect(JSON.parse(planned.stdout)).toMatchObject([
      { service: 'key-management', epoch: 2, back: '1 KeyRevoked.v1', lost: 'nothing that the bus still has' },
    ]);
    expect((await product.rollcall('log', 'reopen', 'key-management', '--apply')).code).toBe(2);
    for (const service of SERVICES.filter((name) => !['gateway', 'identity', 'organization'].includes(name))) {
      const { code } = await product.rollcall('log', 'reopen', service, '--apply', '--reason', 'the disk is lost');
      expect([0, 4]).toContain(code);
    }
    await eventually(
      () => product.visitor().get('/readyz'),
      ({ status }) => status === 200,
      60_000,
    );
    for (const gateway of gateways) {
      await eventually(
        () => authz(gateway, good.secret),
        ({ status }) => status === 200,
        30_000,
      );
      expect((await authz(gateway, revoked.secret)).status).toBe(401);
    }
    expect((await ada.visitor.get('/v1/account')).status).toBe(401);
    expect((await ada.visitor.post('/v1/sessions', { email: 'ada@example.com', password: PASSWORD })).status).toBe(201);
    expect(await product.rollcall('log', 'reopen', 'key-management', '--apply', '--reason', 'once more')).toMatchObject(
      { code: 4, stderr: expect.stringContaining('nothing to reopen') as string },
    );
  });

  it('judges nobody either after everything was stopped, put back and started', async () => {
    const lost = await newKey('lost');
    await product.end();
    copyFolder(postgres(), copy());
    await product.begin();
    const [gateway = product.visitor()] = gateways;
    await eventually(
      () => authz(gateway, lost.secret),
      ({ status }) => status === 200,
      30_000,
    );
    await eventually(
      () => ada.visitor.post(`/v1/keys/${lost.key.id}/revoke`),
      ({ status }) => status === 200,
      30_000,
    );
    expect((await authz(gateway, lost.secret)).status).toBe(401);
    await product.end();
    copyFolder(copy(), postgres());
    await product.begin();
    for (let asked = 0; asked < 200; asked++) expect([401, 503]).toContain((await authz(gateway, lost.secret)).status);
    await eventually(
      () => authz(gateway, lost.secret),
      ({ body }) => body.code === 'log/older',
    );
  });
});
