import { openLoop, percentile } from '../open-loop.ts';
import { asks } from '../questions.ts';

/** A program: verifies keys and probes at a steady rate for a while, and tells how long that took. */
export interface Watch {
  readonly port: number;
  readonly secrets: readonly string[];
  readonly ms: number;
}

const VERIFICATIONS = 100;
const PROBES = 20;

/** What was seen: how many verifications, the latency that 99 of 100 do not exceed, and wrong answers. */
export interface Watched {
  readonly count: number;
  readonly authzMs: number;
  readonly livezMs: number;
  readonly wrong: number;
  readonly example: string;
}

/** Verifications and probes at a steady rate, each answer compared. */
async function watched({ port, secrets, ms }: Watch): Promise<Watched> {
  let [wrong, example] = [0, ''];
  const judge = (_shot: { bytes: Buffer }, status: number, text: string) => {
    if (status !== 200) {
      wrong++;
      example = `${status} ${text.slice(0, 200)}`;
    }
  };
  const shots = secrets.map((secret) => ({ bytes: Buffer.from(asks(port, '/authz')(secret)) }));
  const probe = { bytes: Buffer.from(`GET /livez HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`) };
  let n = 0;
  const [authz, livez] = await Promise.all([
    openLoop({ port, connections: 16, next: () => shots[n++ % shots.length] ?? probe, judge }, VERIFICATIONS, ms),
    openLoop({ port, connections: 4, next: () => probe, judge }, PROBES, ms),
  ]);
  return {
    count: authz.answered,
    authzMs: percentile(authz.latencies, 0.99),
    livezMs: percentile(livez.latencies, 0.99),
    wrong: wrong + authz.lost + livez.lost,
    example,
  };
}

process.once('message', (said: Watch) => {
  void watched(said).then((seen) => process.send?.(seen));
});
