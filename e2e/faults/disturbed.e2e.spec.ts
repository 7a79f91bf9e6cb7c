import { type Answer, eventually, Processes, Product, tokenIn, type Visitor } from '#testing';

const BELL = {
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  shots: 100,
  input: {
    gateset: 'qis',
    qubits: 2,
    circuit: [
      { gate: 'h', target: 0 },
      { gate: 'cnot', control: 0, target: 1 },
    ],
  },
};
const SETTLED_MAX_MS = 60_000;

/** The story again, told by several people at once, while processes die, pause, join and leave. No operator steps in. */
describe('the story while the house shakes', () => {
  let product: Product;
  let processes: Processes;
  const told: string[] = [];

  beforeAll(async () => {
    product = await Product.start({ SIGN_UPS_PER_NETWORK_AND_HOUR: '1000' }, { script: 'start:services' });
    processes = new Processes(product);
  });
  afterAll(() => product.dispose());

  /** Asks until there is an answer that is no failure of ours: what is down comes back by itself. */
  const insist = (
    ask: () => Promise<Answer>,
    wanted: (answer: Answer) => boolean = ({ status }) => status < 300,
  ): Promise<Answer> =>
    eventually(() => ask().catch(() => ({ status: 599, headers: new Headers(), body: {} })), wanted, SETTLED_MAX_MS);
  const withKey = (secret: string) => ({ authorization: `apiKey ${secret}` });

  /** One person's story: account, key, job, revocation. */
  async function tell(name: string): Promise<void> {
    const email = `${name}@example.com`;
    const visitor = product.visitor();
    await insist(() => visitor.post('/v1/sign-ups', { email }));
    const token = tokenIn(await insistOnMail(email));
    // A link works once: after a lost answer the account is there, and its person signs in.
    const signedUp = await insist(
      () => visitor.post('/v1/sign-ups/verify', { token, name, password: PASSWORD }),
      ({ status, body }) => status === 201 || body.code === 'link/unknown',
    );
    if (signedUp.status !== 201) await insist(() => visitor.post('/v1/sessions', { email, password: PASSWORD }));
    const {
      body: {
        items: [{ id: organizationId }],
      },
    } = await insist(
      () => visitor.get('/v1/organizations'),
      ({ status, body }) => status === 200 && body.items.length > 0,
    );
    const {
      body: {
        items: [{ id: projectId }],
      },
    } = await insist(
      () => visitor.get(`/v1/organizations/${organizationId as string}/projects`),
      ({ status, body }) => status === 200 && body.items.length > 0,
    );
    const {
      body: { key, secret },
    } = await insist(
      () => visitor.post('/v1/keys', { name, projectId }),
      ({ status }) => status === 201,
    );
    const {
      body: { id: jobId },
    } = await insist(() => visitor.post('/v0.4/jobs', BELL, withKey(secret)));
    await insist(
      () => visitor.get(`/v0.4/jobs/${jobId as string}`, withKey(secret)),
      ({ status, body }) => status === 200 && body.status === 'completed',
    );
    await insist(
      () => visitor.post(`/v1/keys/${key.id as string}/revoke`),
      ({ status, body }) => status === 200 && body.enforced === true,
    );
    await refusedForGood(visitor, secret);
    told.push(name);
  }

  /** From the answer of a revocation on no request is accepted, whichever process dies meanwhile. */
  async function refusedForGood(visitor: Visitor, secret: string) {
    for (let refused = 0; refused < 10;) {
      const answer = await visitor.get('/v0.4/whoami', withKey(secret)).catch(() => undefined);
      expect(answer?.status).not.toBe(200);
      if (answer?.status === 401) refused++;
    }
  }

  async function insistOnMail(email: string) {
    const { body } = await insist(
      () => product.visitor().get(`/dev/mail?to=${encodeURIComponent(email)}`),
      ({ status, body: { items } }) => status === 200 && items.length > 0,
    );
    return (body as { items: { text: string }[] }).items.at(-1) ?? { text: '' };
  }

  /** People begin their stories one after the other until the disturbance is over. */
  async function during(disturb: () => Promise<void>): Promise<number> {
    const before = told.length;
    let over = false;
    const people = Array.from({ length: 3 }, async (_, n) => {
      for (let again = 0; !over || again === 0; again++) await tell(`person-${before}-${n}-${again}`);
    });
    try {
      await disturb();
    } finally {
      over = true;
    }
    await Promise.all(people);
    return told.length - before;
  }

  it('is told to its end while each service is killed with -9 once', async () => {
    expect(
      await during(async () => {
        for (const name of processes.names) {
          const before = processes.pid(name);
          processes.signal(name, 'SIGKILL');
          await processes.restarted(name, before);
        }
      }),
    ).toBeGreaterThanOrEqual(3);
  });

  it('is told to its end while the broker is killed and started again', async () => {
    expect(
      await during(async () => {
        const before = processes.broker;
        process.kill(before, 'SIGKILL');
        await eventually(
          async () => ({ status: processes.broker, headers: new Headers(), body: {} }),
          ({ status }) => status !== before,
          SETTLED_MAX_MS,
        );
      }),
    ).toBeGreaterThanOrEqual(3);
  });

  it('is told to its end while a second key-management and a second organization join and leave', async () => {
    expect(
      await during(async () => {
        for (const service of ['key-management', 'organization'] as const) {
          const second = await processes.join(service);
          await tell(`with-two-${service}`);
          await second.leave('SIGTERM');
          await (await processes.join(service)).leave('SIGKILL');
        }
      }),
    ).toBeGreaterThanOrEqual(5);
  });

  it('leaves nothing parked, nothing behind, and every service ready', async () => {
    await insist(() => product.visitor().get('/readyz'));
    for (let tries = 0; ; tries++) {
      const rows = JSON.parse((await product.rollcall('status', '-o', 'json')).stdout) as {
        state: string;
        outbox: { behindEvents: number };
        lags: { behindEvents: number }[];
        parked: Record<string, number>;
      }[];
      const behind = rows.some(
        ({ outbox, lags, parked, state }) =>
          state !== 'ready' ||
          outbox.behindEvents > 0 ||
          lags.some(({ behindEvents }) => behindEvents > 0) ||
          Object.values(parked).some((count) => count > 0),
      );
      if (!behind) break;
      if (tries === 60) expect(rows).toEqual('nothing behind, nothing parked');
      await new Promise((later) => setTimeout(later, 500));
    }
  });
});

const PASSWORD = 'a long walk in the rain';
