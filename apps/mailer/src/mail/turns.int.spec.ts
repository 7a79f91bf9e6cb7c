import { stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import type { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { runMailer } from '../mailer.fixture.ts';
import type { LetterName } from '../letters/letters.ts';
import { takeMails, type Turn } from './due-mails.ts';

interface Pile {
  count: number;
  letter: LetterName;
  priority: number;
  recipientId?: string;
  inMs?: number;
}

/** Mails of a letter to one account, all due in `inMs`. */
const pile = (pool: Pool, { count, letter, priority, recipientId = uuid(), inMs = 0 }: Pile) =>
  pool.query(
    `INSERT INTO mails_due (message_id, letter, recipient, recipient_id, details, event_id, correlation_id, priority, next_at)
       SELECT gen_random_uuid(), $2, 'account', $3, '{"suspendAt":"2026-07-01T00:00:00.000Z"}', gen_random_uuid(), gen_random_uuid(), $4,
              clock_timestamp() + $5::int * interval '1 ms'
         FROM generate_series(1, $1::int)`,
    [count, letter, recipientId, priority, inMs],
  );

describe('a mail that somebody waits for', () => {
  const warned = uuid();
  let running: Awaited<ReturnType<typeof runMailer>>;
  beforeEach(async () => {
    running = await runMailer();
    running.world.addresses.set(warned, { email: 'warned@example.com' });
  });
  afterEach(() => running.stop());

  /** How long a sign-up takes from its fact to the mail server, in milliseconds. */
  async function signUpMs() {
    const id = uuid();
    running.world.addresses.set(id, { email: `${id}@example.com`, token: 'token' });
    const before = performance.now();
    await running.tell({ name: 'SignUpRequested.v1', data: { signUpId: id, registered: false } });
    while (!running.world.mails.some((mail) => mail.recipient === `${id}@example.com`)) {
      if (performance.now() - before > 30_000) throw new Error('it was not sent within 30 s');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return performance.now() - before;
  }

  it('goes out within five seconds before 100,000 warnings, while they go out as well', async () => {
    await pile(running.database.pool, {
      count: 100_000,
      letter: 'inactivity-warning',
      priority: 3,
      recipientId: warned,
    });
    for (let n = 0; n < 5; n++) expect(await signUpMs()).toBeLessThan(5_000);
    expect(running.world.mails.some((mail) => mail.recipient === 'warned@example.com')).toBe(true);
  }, 120_000);

  it('goes out while all that have time take for ever', async () => {
    let stuck = 0;
    const answers: (() => void)[] = [];
    running.world.verdict = (to, stage) =>
      stage === 'data' && to === 'warned@example.com' && ++stuck > 0
        ? new Promise((resolve) => answers.push(() => resolve(undefined)))
        : undefined;
    await pile(running.database.pool, { count: 20, letter: 'inactivity-warning', priority: 3, recipientId: warned });
    while (stuck < 4) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await signUpMs()).toBeLessThan(5_000);
    running.world.verdict = () => undefined;
    for (const answer of answers) answer();
  }, 60_000);

  it('and any other goes out before 100,000 more urgent ones that are tried again later', async () => {
    await pile(running.database.pool, { count: 100_000, letter: 'sign-up', priority: 1, inMs: 3_600_000 });
    await pile(running.database.pool, { count: 1, letter: 'inactivity-warning', priority: 3, recipientId: warned });
    expect(await signUpMs()).toBeLessThan(5_000);
    while (!running.world.mails.some((mail) => mail.recipient === 'warned@example.com'))
      await new Promise((resolve) => setTimeout(resolve, 10));
    const { rows } = await running.database.pool.query<{ 'QUERY PLAN': string }>(
      'EXPLAIN SELECT FROM mails_due WHERE priority = 1 AND next_at <= statement_timestamp() ORDER BY next_at LIMIT 8',
    );
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Cond: .*next_at/);
  }, 120_000);
});

describe('MAILS_PER_SECOND', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase(stepsIn('apps/mailer/migrations').map(({ sql }) => sql));
  });
  afterAll(() => database.drop());

  it('holds for all who take at once, and what somebody waits for is taken first', async () => {
    const { pool } = database;
    await pile(pool, { count: 100, letter: 'inactivity-warning', priority: 3 });
    await pile(pool, { count: 3, letter: 'already-registered', priority: 1 });
    const turn: Turn = { priorities: [1, 2, 3], limit: 8, leaseMs: 60_000, perSecond: 20 };
    await pool.query(`UPDATE mail_pace SET used_until = clock_timestamp() - interval '1 day'`);
    const before = performance.now();
    const taken = (await Promise.all(Array.from({ length: 10 }, () => takeMails(pool, turn)))).flat();
    // Half a second's worth at once, and what came due while they took.
    expect(taken.length).toBeGreaterThanOrEqual(10);
    expect(taken.length).toBeLessThanOrEqual(10 + (20 * (performance.now() - before)) / 1_000);
    expect(taken.filter(({ letter }) => letter === 'already-registered')).toHaveLength(3);
    expect(new Set(taken.map(({ messageId }) => messageId)).size).toBe(taken.length);
  });
});
