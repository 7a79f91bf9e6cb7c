import { randomBytes, randomUUID } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import { type GrpcOwner, type identity, type keyManagement, SERVICES } from '#contracts';
import { makeKeyPair, randomSecret } from '#local-servers';
import { makeLogger, newApiKey, Problem, readConfig, SystemClock } from '#platform';
import { type IncomingCall, freePort, type Neighbours, standIn } from '#testing';
import { gatewayConfig } from './config.ts';
import type { ServerTimes } from './gate/hot-routes.ts';
import { startGateway } from './start-gateway.ts';

export const HOST = 'id.example.com';
export const SESSION_COOKIE = '__Host-rollcall';

/** An answer over HTTP; `json` and the problem's `code` where it has them. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: unknown;
  readonly code: string | undefined;
}

interface Asking {
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: unknown;
  readonly port?: number;
}

/** What the gateway asked of a neighbour. */
interface Call {
  /** `identity.Sessions.checkSessions` */
  readonly method: string;
  readonly request: unknown;
  /** What went along, by name. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

const NOBODY: keyManagement.Verdict = {
  outcome: 'unknown',
  keyId: '',
  keyName: '',
  projectId: '',
  organizationId: '',
  accountId: '',
  scopes: [],
  addresses: [],
};
const AT = '2026-01-01T00:00:00.000Z';

/**
 * The gateway as its process runs it, on ports of its own and for the origin `https://id.example.com`, with neighbours that answer on the wire: they
 * know the people and keys made here, grant no lease, and answer all else as `more` says.
 */
const ENDED: identity.SessionVerdict = {
  outcome: 'ended',
  accountId: '',
  session: undefined,
  confined: false,
  suspendedFor: '',
};

/** A session as identity tells it. */
export const aSession = (change: Partial<identity.Session> = {}): identity.Session => ({
  sessionId: randomUUID(),
  createdAt: '2026-01-01T00:00:00.000Z',
  lastSeenAt: '2026-01-01T00:00:00.000Z',
  endsAt: '2999-01-01T00:00:00.000Z',
  methods: ['password'],
  provedAt: '2999-01-01T00:00:00.000Z',
  device: '',
  network: '',
  ...change,
});

export async function gatewayHarness(more: Neighbours = {}, config: object = {}, times?: ServerTimes) {
  const [port, internalPort, internalGrpcPort] = [await freePort(), await freePort(), await freePort()];
  const peers = Object.fromEntries(
    await Promise.all(SERVICES.map(async (name) => [name, `127.0.0.1:${await freePort()}`] as const)),
  );
  const installationKey = randomSecret();
  const { privateKey, publicKey } = makeKeyPair();
  const sessions = new Map<string, identity.SessionVerdict>();
  const keys = new Map<string, keyManagement.Verdict>();
  const calls: Call[] = [];
  const away = new Set<GrpcOwner>();
  let log = '';

  const known: Neighbours = {
    'identity': {
      Sessions: {
        checkSessions: async ({ checks }) => ({
          verdicts: checks.map(({ sessionToken }) => sessions.get(sessionToken) ?? ENDED),
        }),
      },
    },
    'key-management': {
      Gate: {
        verifyKeys: async ({ digests }) => ({
          verdicts: digests.map((digest) => keys.get(digest) ?? NOBODY),
          epoch: 1,
          seq: 0,
        }),
        recordUse: async () => ({}),
      },
      Fence: { register: async () => ({ epoch: 1, seq: 0, leaseMs: 0 }), leave: async () => ({}) },
    },
    'inactivity-policy': { Inactivity: { recordActivity: async () => ({}), heartbeat: async () => ({}) } },
  };
  /** Every method notes that it was asked. */
  const noting = (owner: GrpcOwner) => {
    const services = new Set([known[owner], more[owner]].flatMap((answers) => Object.keys(answers ?? {})));
    const of = (answers: object | undefined, service: string) =>
      (answers as Record<string, Record<string, (request: unknown, asked: IncomingCall) => unknown>> | undefined)?.[
        service
      ];
    return Object.fromEntries(
      [...services].map((service) => [
        service,
        Object.fromEntries(
          Object.entries({ ...of(known[owner], service), ...of(more[owner], service) }).map(([method, work]) => [
            method,
            (asking: unknown, asked: IncomingCall) => {
              calls.push({
                method: `${owner}.${service}.${method}`,
                request: asking,
                metadata: asked.metadata.getMap(),
              });
              if (away.has(owner))
                return Promise.reject(
                  new Problem('service/unavailable', `${owner} does not answer.`, { retryAfterSeconds: 5 }),
                );
              return work(asking, asked);
            },
          ]),
        ),
      ]),
    );
  };
  const stops: (() => Promise<unknown>)[] = [];
  for (const owner of Object.keys({ ...known, ...more }) as GrpcOwner[])
    stops.push(await standIn(owner, noting(owner), peers[owner] ?? ''));
  const floor = {
    config: readConfig(gatewayConfig, {
      port,
      internalPort,
      internalGrpcPort,
      origin: `https://${HOST}`,
      peers,
      installationKey,
      callerKey: privateKey,
      callerKeys: { gateway: publicKey },
      ...config,
    }),
    clock: new SystemClock(),
    logger: makeLogger('trace', {
      write: (line: string) => {
        log += line;
      },
    }),
  };
  const gateway = await startGateway(floor, times);
  stops.push(() => gateway.stop());

  /** Asks as a program may that sends what it wants: any method, any header, several times where a list is given. */
  const ask = (
    method: string,
    path: string,
    { headers = {}, body, port: at = port }: Asking = {},
  ): Promise<HttpAnswer> =>
    new Promise((answered, failed) => {
      const payload = body === undefined ? undefined : Buffer.isBuffer(body) ? body : JSON.stringify(body);
      const all = {
        'host': HOST,
        'rollcall-client': 'test',
        ...(payload === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }),
        ...headers,
      };
      const asking = request(
        {
          host: '127.0.0.1',
          port: at,
          method,
          path,
          agent: false,
          headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')) as Record<
            string,
            string | string[]
          >,
        },
        (answer) => {
          let text = '';
          answer
            .setEncoding('utf8')
            .on('data', (chunk: string) => {
              text += chunk;
            })
            .once('end', () => {
              const json: unknown = text.startsWith('{') ? JSON.parse(text) : undefined;
              answered({
                status: answer.statusCode ?? 0,
                headers: answer.headers,
                text,
                json,
                code: (json as { code?: string } | undefined)?.code,
              });
              asking.destroy();
            });
        },
      ).once('error', failed);
      if (payload === undefined) asking.end();
      else asking.end(payload);
    });

  return {
    port,
    internalPort,
    internalGrpcPort,
    keys,
    sessions,
    away,
    ask,
    inside: (method: string, path: string, asking: Asking = {}) => ask(method, path, { ...asking, port: internalPort }),
    /** What it has asked of a method, in order. */
    asked: (method: string): Call[] => calls.filter((call) => call.method === method),
    /** Forgets what was asked so far. */
    forget: () => {
      calls.length = 0;
    },
    logged: () => log,
    /** A signed-in person. */
    signedIn(change: Partial<identity.SessionVerdict> = {}) {
      const [token, accountId, sessionId] = [randomBytes(32).toString('base64url'), randomUUID(), randomUUID()];
      sessions.set(token, {
        ...ENDED,
        outcome: 'good',
        accountId,
        session: aSession({ sessionId, createdAt: AT, lastSeenAt: AT }),
        ...change,
      });
      return { accountId, sessionId, token, cookie: `${SESSION_COOKIE}=${token}` };
    },
    /** A key, as key-management would judge it. */
    key(change: Partial<keyManagement.Verdict> = {}) {
      const verdict: keyManagement.Verdict = {
        ...NOBODY,
        outcome: 'good',
        keyId: randomUUID(),
        keyName: 'laptop',
        projectId: randomUUID(),
        organizationId: randomUUID(),
        accountId: randomUUID(),
        ...change,
      };
      const { secret, digest } = newApiKey(installationKey, 'rck', verdict.keyId);
      keys.set(digest, verdict);
      return { secret, digest, ...verdict };
    },
    async stop() {
      for (const stop of stops.reverse()) await stop();
    },
  };
}

export type GatewayHarness = Awaited<ReturnType<typeof gatewayHarness>>;
