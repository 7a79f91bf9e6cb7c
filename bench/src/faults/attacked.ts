import { setTimeout as pause } from 'node:timers/promises';
import { PASSWORD, Product, type SignedUp, Visitor } from '#testing';
import { bodyOf } from '../answer-body.ts';
import { openLoop, percentile } from '../open-loop.ts';

const HOLDER = 'holder@example.com';
const NETWORKS = 50;
const GUESSES_PER_SECOND = 100;
const CONNECTIONS = 64;
const EVERY_MS = 1_000;
const ALONE = 5;
const AT_ONCE_MS = 1_000;
/** A shorter run has too few figures for a judgement: machines are shared and noisy. */
const TIMED_FROM_MINUTES = 1;

/** Guesses of one account's password from everywhere, while its holder signs in from the device that the account knows: at once, every time. */
export async function attacked({ minutes }: { readonly minutes: number }): Promise<boolean> {
  const product = await Product.start({ LOG_LEVEL: 'warn', TRUSTED_PROXIES: 'loopback' });
  try {
    const holder = await product.signUp(HOLDER);
    const alone: number[] = [];
    for (let n = 0; n < ALONE; n++) alone.push(await signIn(product, holder));
    const [guesses, beside] = await Promise.all([
      guessing(product, minutes * 60_000),
      signingIn(product, holder, minutes * 60_000),
    ]);
    const good = beside.filter((ms) => ms < Infinity);
    const slowest = Math.max(...good);
    const letIn = [...guesses.keys()].some((answer) => answer.startsWith('2'));
    const held = good.length === beside.length && !letIn && (minutes < TIMED_FROM_MINUTES || slowest <= AT_ONCE_MS);
    console.log(
      `faults attacked: ${minutes} minutes, guesses ${[...guesses].map(([answer, count]) => `${count} × ${answer}`).join(', ')} from ${NETWORKS} networks, ` +
        `sign-ins from the known device ${good.length} of ${beside.length}, p50 ${percentile(good, 0.5).toFixed(0)} ms, the slowest ${slowest.toFixed(0)} ms (alone ${percentile(alone, 0.5).toFixed(0)} ms)`,
    );
    return held;
  } finally {
    await product.dispose();
  }
}

/** What was answered to guesses, and how often. One that is not answered counts as `lost`. */
async function guessing({ port }: Product, ms: number): Promise<ReadonlyMap<string, number>> {
  const answers = new Map<string, number>();
  const count = (answer: string, more = 1) => answers.set(answer, (answers.get(answer) ?? 0) + more);
  let sent = 0;
  const next = () => {
    const body = JSON.stringify({ email: HOLDER, password: `a guess that is wrong ${sent}` });
    const head = `POST /v1/sessions HTTP/1.1\r\nHost: localhost:${port}\r\nRollcall-Client: bench\r\nX-Forwarded-For: 198.18.${sent++ % NETWORKS}.1`;
    return {
      bytes: Buffer.from(
        `${head}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      ),
    };
  };
  const judge = (_shot: object, status: number, text: string) =>
    count(`${status} ${/"code":"([^"]*)"/.exec(text)?.[1] ?? ''}`.trim());
  const { lost } = await openLoop({ port, connections: CONNECTIONS, next, judge }, GUESSES_PER_SECOND, ms);
  if (lost > 0) count('lost', lost);
  return answers;
}

/** Milliseconds of each sign-in, one a second; infinitely many where it was refused. */
async function signingIn(product: Product, holder: SignedUp, ms: number): Promise<number[]> {
  const took: number[] = [];
  for (const until = performance.now() + ms; performance.now() < until; await pause(EVERY_MS))
    took.push(await signIn(product, holder));
  return took;
}

/** From the device that the account knows, without a session. */
async function signIn({ origin }: Product, { visitor: { cookies } }: SignedUp): Promise<number> {
  const visitor = new Visitor(origin);
  for (const [name, value] of cookies) if (name.includes('-device')) visitor.cookies.set(name, value);
  const from = performance.now();
  const answer = await visitor.post(
    '/v1/sessions',
    { email: HOLDER, password: PASSWORD },
    { 'x-forwarded-for': '203.0.113.7' },
  );
  if (answer.status === 201) return performance.now() - from;
  console.log(`  the holder was answered with ${answer.status} ${bodyOf(answer).code}`);
  return Infinity;
}
