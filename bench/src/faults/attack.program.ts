import { Agent, request as send } from 'node:http';
import { setPriority } from 'node:os';
import { gateRoutes, ionqRoutes, type Route, routes } from '#contracts';
import { BODIES, HEADERS, QUERIES } from './hostile-inputs.ts';
import { seeded } from './random.ts';

/** A program: sends hostile requests until it is told that it is over, then tells how many, and which were answered with a failure of ours. */
export interface Attack {
  readonly port: number;
  readonly stranger: Stranger;
  readonly seed: number;
}

/** What came of it. */
export interface Attacked {
  readonly requests: number;
  /** What was sent and came back as a failure of ours, and how often. */
  readonly ours: readonly (readonly [string, number])[];
}

/** An attacker with a key and a session, both good. */
export interface Stranger {
  readonly secret: string;
  readonly cookie: string;
}

const ATTACKERS = 2;
const ANSWER_MAX_MS = 60_000;
/** Attackers have machines of their own: here they come last. */
const LAST = 19;

/** Because of how the service fares, not because of what was asked. */
const isOurs = (status: number) => status >= 500 && status !== 501;

let isOver = false;
let requests = 0;
const ours = new Map<string, number>();

const ROUTES = [
  ...Object.values(routes),
  ...Object.values(ionqRoutes),
  ...Object.values(gateRoutes),
] as readonly Route[];

/** Every route with something hostile, in an order that the seed decides: with a key, with a session, with neither. */
async function attack({ port, stranger }: Attack, random: () => number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  while (!isOver) {
    const route = pick(ROUTES);
    // The development clock is left alone: setting it is allowed, so it is no attack.
    if (route.path.startsWith('/dev/')) continue;
    const body = route.method === 'GET' ? undefined : pick(BODIES);
    const who = pick([
      {},
      { 'cookie': stranger.cookie, 'rollcall-client': 'hostile' },
      { authorization: `apiKey ${stranger.secret}` },
    ]) as Record<string, string>;
    const [name, value] = random() < 0.2 ? pick(HEADERS) : [undefined, ''];
    const query = random() < 0.2 ? pick(QUERIES) : '';
    const path = route.path.replaceAll(/:(\w+)/g, () =>
      random() < 0.5
        ? '00000000-0000-4000-8000-000000000000'
        : pick(['%00', '..%2f..', 'x'.repeat(2_000), '__proto__', '%ff']),
    );
    const what = `${route.method} ${route.path} with ${body?.name ?? 'no body'}${name === undefined ? '' : `, ${name}`}${query === '' ? '' : `, ${query.slice(0, 20)}`}`;
    const status = await answered(
      port,
      {
        agent,
        method: route.method,
        path: `${path}${query}`,
        headers: { 'content-type': 'application/json', ...who, ...(name === undefined ? {} : { [name]: value }) },
      },
      body?.bytes(),
    );
    requests++;
    // A refusal for the moment is an answer, and so is a connection that is cut. Any other 5xx is a fault that the code did not foresee.
    if (status === 0 || status === 503 || !isOurs(status)) continue;
    ours.set(`${status} for ${what}`, (ours.get(`${status} for ${what}`) ?? 0) + 1);
  }
  agent.destroy();
}

interface Sending {
  readonly agent: Agent;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
}

/** The status, 0 for a connection that was cut, and 599 for one that is left waiting. */
function answered(port: number, { agent, method, path, headers }: Sending, body: Buffer | undefined): Promise<number> {
  return new Promise((done) => {
    const late = setTimeout(() => {
      call?.destroy();
      done(599);
    }, ANSWER_MAX_MS);
    const end = (status: number) => {
      clearTimeout(late);
      done(status);
    };
    let call: ReturnType<typeof send> | undefined;
    try {
      const length =
        body && headers['transfer-encoding'] === undefined ? { 'content-length': String(body.length) } : {};
      call = send(
        {
          host: '127.0.0.1',
          port,
          agent,
          method,
          path,
          headers: { host: `localhost:${port}`, ...headers, ...length },
          setHost: false,
        },
        (answer) => {
          answer
            .resume()
            .once('end', () => {
              end(answer.statusCode ?? 0);
            })
            .once('error', () => {
              end(answer.statusCode ?? 0);
            });
        },
      );
      call.once('error', () => {
        end(0);
      });
      call.end(body);
    } catch {
      // A request that Node's own client refuses to send.
      end(0);
    }
  });
}

setPriority(LAST);
process.on('message', (said: Attack | 'over') => {
  if (said === 'over') isOver = true;
  else
    void Promise.all(Array.from({ length: ATTACKERS }, (_, n) => attack(said, seeded(said.seed + n)))).then(() =>
      process.send?.({ requests, ours: [...ours] } satisfies Attacked),
    );
});
