import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, eventually, Processes, Product, type SignedUp } from '#testing';

const LEASE_S = 4;

describe('a gateway and its lease', () => {
  let product: Product;
  let processes: Processes;
  let ada: SignedUp;
  const newKey = async (name: string) =>
    (await insist(() => ada.visitor.post('/v1/keys', { name, projectId: ada.projectId }), 201)).body.secret as string;
  const authz = (secret: string) => product.visitor().get('/authz', { authorization: `Bearer ${secret}` });
  /** Also while the server does not listen. */
  const insist = (act: () => Promise<Answer>, wanted = 200) =>
    eventually(
      () => act().catch(() => ({ status: 599, headers: new Headers(), body: {} })),
      ({ status }) => status === wanted,
      30_000,
    );

  beforeAll(async () => {
    product = await Product.start({ LEASE: String(LEASE_S) }, { script: 'start:services' });
    processes = new Processes(product);
    ada = await product.signUp('ada@example.com');
  });
  afterAll(() => product.dispose());

  it('T-REV-5 answers from memory while key-management is away, for as long as its lease lasts, and nothing afterwards', async () => {
    const [warm, cold] = [await newKey('warm'), await newKey('cold')];
    expect((await authz(warm)).status).toBe(200);
    processes.signal('key-management', 'SIGSTOP');
    const stopped = performance.now();
    try {
      expect((await authz(warm)).status).toBe(200);
      const unknown = await authz(cold);
      expect([unknown.status, unknown.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
      await delay(Math.max(0, LEASE_S * 1_000 + 500 - (performance.now() - stopped)));
      expect((await authz(warm)).status).toBe(503);
    } finally {
      processes.signal('key-management', 'SIGCONT');
    }
    await insist(() => authz(warm));
    await insist(() => authz(cold));
  });

  it('is waited for when it was killed, for a lease, and not when it was stopped', async () => {
    const [first, second] = await Promise.all(
      ['first', 'second'].map(
        async (name) =>
          (await insist(() => ada.visitor.post('/v1/keys', { name, projectId: ada.projectId }), 201)).body.key
            .id as string,
      ),
    );
    const before = processes.pid('gateway');
    processes.signal('gateway', 'SIGKILL');
    await processes.restarted('gateway', before);
    const killed = await insist(() => ada.visitor.post(`/v1/keys/${first}/revoke`, {}));
    expect(killed.body).toMatchObject({ enforced: true });
    const again = processes.pid('gateway');
    processes.signal('gateway', 'SIGTERM');
    await processes.restarted('gateway', again);
    const stopped = await insist(() => ada.visitor.post(`/v1/keys/${second}/revoke`, {}));
    expect(stopped.body.tookMs).toBeLessThan(LEASE_S * 1_000);
  });

  it('answers nothing from memory where leases are switched off', async () => {
    const key = await newKey('asked for');
    await product.end();
    await product.begin({ LEASE: '0' });
    await insist(() => authz(key));
    processes.signal('key-management', 'SIGSTOP');
    try {
      expect((await authz(key)).status).toBe(503);
    } finally {
      processes.signal('key-management', 'SIGCONT');
    }
    await insist(() => authz(key));
  });
});
