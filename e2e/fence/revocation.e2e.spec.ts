import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Answer,
  eventually,
  freePort,
  Processes,
  Product,
  type SignedUp,
  TcpProxy,
  tokenIn,
  Visitor,
} from '#testing';

const REVOKED_MAX_MS = 60_000;
const AT_ONCE = 8;
const CLIENTS = 4;

interface Key {
  readonly id: string;
  readonly secret: string;
}

describe('revocation', () => {
  let product: Product;
  let processes: Processes;
  let ada: SignedUp;
  /** The network between one gateway and key-management. */
  let wire: TcpProxy;
  let cutGateway: ChildProcess;
  let origins: string[] = [];
  /** Secrets that are asked with, and those whose withdrawal has returned. */
  const watched: string[] = [];
  const returned = new Set<string>();
  const counts = { accepted: 0, refused: 0, acceptedAfter: 0, revoked: 0, told503: 0 };
  let over = false;
  let hammers: Promise<void>[] = [];

  beforeAll(async () => {
    product = await Product.start(
      { SIGN_UPS_PER_NETWORK_AND_HOUR: '1000' },
      { script: 'start:services', args: ['--gateways', '2'] },
    );
    processes = new Processes(product);
    ada = await product.signUp('ada@example.com');
    await startCutGateway();
    hammers = origins.flatMap((origin) => Array.from({ length: CLIENTS }, () => hammer(origin)));
  });

  afterAll(async () => {
    over = true;
    await wire.mend();
    await Promise.all(hammers);
    cutGateway.kill('SIGKILL');
    await wire.cut();
    await product.dispose();
  });

  /** A third gateway, which reaches key-management through the wire. */
  async function startCutGateway() {
    const env = parseEnv(readFileSync(join(product.dataFolder, 'data', 'gateway-2.env'), 'utf8'));
    const peers = JSON.parse(env.PEERS ?? '{}') as Record<string, string>;
    wire = await TcpProxy.to(peers['key-management'] ?? '');
    const port = await freePort();
    cutGateway = spawn(process.execPath, ['--enable-source-maps', 'dist/apps/gateway/src/main.js'], {
      env: {
        PATH: process.env.PATH,
        ...env,
        PORT: String(port),
        METRICS_PORT: undefined,
        INTERNAL_PORT: undefined,
        INTERNAL_GRPC_PORT: undefined,
        PEERS: JSON.stringify({ ...peers, 'key-management': `127.0.0.1:${wire.port}` }),
      },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await new Promise<void>((ready, failed) => {
      cutGateway
        .once('message', () => {
          ready();
        })
        .once('exit', () => {
          failed(new Error('a third gateway did not start'));
        });
    });
    origins = [product.origin, `http://localhost:${product.port + 1}`, `http://localhost:${port}`];
  }

  /** Asks with watched keys all the time. What was sent after the return must not be accepted; the rest may be anything. */
  async function hammer(origin: string) {
    for (let n = 0; !over; n++) {
      const secret = watched[Math.floor(Math.random() * watched.length)];
      const sentAfter = secret === undefined || returned.has(secret);
      const status = secret === undefined ? 0 : await ask(origin, secret);
      if (status === 200) counts.accepted++;
      if (status === 200 && sentAfter) counts.acceptedAfter++;
      if (status === 401) counts.refused++;
      if (status === 0) await pause(20);
    }
  }

  const ask = async (origin: string, secret: string) => {
    try {
      const response = await fetch(`${origin}/v0.4/whoami`, {
        headers: { authorization: `apiKey ${secret}` },
        signal: AbortSignal.timeout(15_000),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  };

  const insist = (act: () => Promise<Answer>, wanted: (answer: Answer) => boolean): Promise<Answer> =>
    eventually(() => act().catch(() => ({ status: 599, headers: new Headers(), body: {} })), wanted, REVOKED_MAX_MS);

  async function issue(count: number, visitor: Visitor = ada.visitor, projectId = ada.projectId): Promise<Key[]> {
    const keys: Key[] = [];
    await inParallel(
      Array.from({ length: count }, (_, n) => n),
      async (n) => {
        const { body } = await insist(
          () => visitor.post('/v1/keys', { name: `key ${n}`, projectId }),
          ({ status }) => status === 201,
        );
        keys.push({ id: body.key.id, secret: body.secret });
      },
    );
    return keys;
  }

  async function inParallel<A>(items: readonly A[], act: (item: A) => Promise<void>) {
    const left = [...items];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item);
      }),
    );
  }

  async function warm(keys: readonly Key[]) {
    for (const origin of origins)
      await inParallel(keys, async ({ secret }) => {
        await ask(origin, secret);
      });
  }

  /** Until it is said to be enforced; everything before may only be a clear "not now". */
  async function revoke({ id, secret }: Key) {
    await insist(
      () => ada.visitor.post(`/v1/keys/${id}/revoke`),
      ({ status, body }) => {
        expect([200, 503, 599]).toContain(status);
        if (status === 503) counts.told503++;
        return status === 200 && body.enforced === true;
      },
    );
    returned.add(secret);
    counts.revoked++;
  }

  /** Revokes warm keys under the eyes of the clients, and looks at once at every gateway. */
  async function revokeAll(count: number, meanwhile: () => Promise<void> = async () => undefined) {
    const keys = await issue(count);
    await warm(keys);
    watched.splice(0, Infinity, ...keys.map(({ secret }) => secret));
    await Promise.all([inParallel(keys, revoke), meanwhile()]);
    await refusedEverywhere(keys);
    expect(counts.acceptedAfter).toBe(0);
  }

  async function refusedEverywhere(keys: readonly Key[]) {
    await Promise.all(
      origins.map((origin) =>
        inParallel(keys, async ({ secret }) => {
          if ((await ask(origin, secret)) === 200) counts.acceptedAfter++;
        }),
      ),
    );
  }

  it('holds while everything works', async () => {
    for (let round = 0; round < 7; round++) await revokeAll(100);
    expect(counts.accepted).toBeGreaterThan(1_000);
  });

  it(
    'holds for a gateway that is paused for 5 s and resumed',
    () =>
      revokeAll(60, async () => {
        processes.signal('gateway-2', 'SIGSTOP');
        await pause(5_000);
        processes.signal('gateway-2', 'SIGCONT');
      }),
    60_000,
  );

  it(
    'holds for a gateway that is killed and started again',
    () =>
      revokeAll(60, async () => {
        const before = processes.pid('gateway-2');
        processes.signal('gateway-2', 'SIGKILL');
        await processes.restarted('gateway-2', before);
      }),
    90_000,
  );

  it('holds for a gateway that is cut off from key-management, and for its return', async () => {
    wire.silence();
    await revokeAll(80, async () => {
      await pause(12_000);
      await wire.mend();
    });
    await pause(1_000);
  });

  it(
    'holds while key-management is killed and started again',
    () =>
      revokeAll(100, async () => {
        const before = processes.pid('key-management');
        processes.signal('key-management', 'SIGKILL');
        await processes.restarted('key-management', before);
      }),
    90_000,
  );

  it('holds for a member who is removed', async () => {
    for (let n = 0; n < 3; n++) {
      const { visitor, accountId } = await invite(`member-${n}@example.com`);
      await withdrawn(await issue(3, visitor), () =>
        ada.visitor.post(`/v1/organizations/${ada.organizationId}/members/${accountId}/remove`),
      );
    }
  });

  it('holds for a project that is archived', async () => {
    for (let n = 0; n < 3; n++) {
      const {
        body: { id: projectId },
      } = await insist(
        () => ada.visitor.post(`/v1/organizations/${ada.organizationId}/projects`, { name: `project ${n}` }),
        ({ status }) => status === 201,
      );
      await withdrawn(await issue(3, ada.visitor, projectId as string), () =>
        ada.visitor.post(`/v1/projects/${projectId as string}/archive`),
      );
    }
  });

  it('holds for a session that was ended, at every gateway that takes sessions', async () => {
    for (let n = 0; n < 5; n++) {
      const person = product.visitor();
      await insist(
        () => person.post('/v1/sessions', { email: 'ada@example.com', password: 'a long walk in the rain' }),
        ({ status }) => status === 201,
      );
      const cookies = new Map(person.cookies);
      expect((await person.post('/v1/sessions/current/end')).status).toBeLessThan(300);
      // The third gateway carries the origin of the second, and takes no session on its own port.
      for (const origin of origins.slice(0, 2)) {
        const thief = new Visitor(origin);
        for (const [name, value] of cookies) thief.cookies.set(name, value);
        expect((await thief.get('/v1/account')).status).toBe(401);
      }
    }
  });

  it('T-REV-3 was asked of a thousand revocations, and nothing was accepted after the return', () => {
    expect(counts.revoked).toBeGreaterThanOrEqual(1_000);
    expect(counts.refused).toBeGreaterThan(1_000);
    expect(counts.acceptedAfter).toBe(0);
  });

  async function invite(email: string): Promise<{ visitor: Visitor; accountId: string }> {
    await ada.visitor.post(`/v1/organizations/${ada.organizationId}/invitations`, {
      email,
      projectIds: [ada.projectId],
    });
    const visitor = product.visitor();
    const { body } = await visitor.post('/v1/invitations/accept', {
      token: tokenIn(await product.mail(email, /./)),
      name: 'Bob',
      password: 'a quiet river at night',
    });
    return { visitor, accountId: body.account.id as string };
  }

  /** One decision that withdraws several keys. A 202 has not promised anything yet, and is asked again. */
  async function withdrawn(keys: readonly Key[], decide: () => Promise<Answer>) {
    await warm(keys);
    watched.splice(0, Infinity, ...keys.map(({ secret }) => secret));
    expect(await ask(origins[0] ?? '', keys[0]?.secret ?? '')).toBe(200);
    expect(await decide()).toMatchObject({ status: 200, body: { enforced: true } });
    for (const { secret } of keys) returned.add(secret);
    await refusedEverywhere(keys);
    expect(counts.acceptedAfter).toBe(0);
  }
});
