import type { Sql } from '#event-sourcing';
import { Problem } from '#platform';

const FREE = 5;
const DELAY_MAX_S = 60;
const TAKEN_MAX = 100;
const WAIT_MS = 2_000;
const WAITING_MAX = 16;
const KEPT_DAYS = 30;

/** Tries at one subject in this process: those that are judged, and those that wait for their outcome. */
interface OpenTries {
  judged: number;
  readonly waiting: Set<(right: boolean) => void>;
}

/**
 * Slows down guessing per (account, network): five tries are free, then each doubles the wait up to a minute, and at a hundred the
 * password is out of use from that network until it is set anew. Never a lock for the holder elsewhere. A try is taken before it is
 * judged, so parallel ones are counted one by one; a right one gives all back, and those that it kept out wait a moment for that.
 */
export class PasswordTries {
  private readonly subjects = new Map<string, OpenTries>();

  constructor(
    private readonly sql: Sql,
    private readonly now: () => Date,
  ) {}

  /**
   * Takes a try and judges; `judge` answers undefined for a wrong one, which stays counted.
   * @throws Problem where none may be taken now, and what `judge` throws: then the result is unknown, and the try is given back.
   */
  async take<T>(subject: string, judge: () => Promise<T | undefined>): Promise<T | undefined> {
    const open = this.subjects.get(subject) ?? { judged: 0, waiting: new Set() };
    this.subjects.set(subject, open);
    try {
      await this.takeOrWait(subject, open);
      return await this.judged(subject, open, judge);
    } finally {
      if (open.judged === 0 && open.waiting.size === 0) this.subjects.delete(subject);
    }
  }

  private async takeOrWait(subject: string, open: OpenTries): Promise<void> {
    const until = performance.now() + WAIT_MS;
    for (;;) {
      open.judged++;
      const refusal = await taken(this.sql, subject, this.now()).catch((error: unknown) => {
        open.judged--;
        throw error;
      });
      if (!refusal) return;
      open.judged--;
      const left = until - performance.now();
      // It waits for a right one alone, which gives all back: a wrong one must not let the next guess in.
      if (open.judged === 0 || open.waiting.size >= WAITING_MAX || !(await oneIsRight(open, left))) throw refusal;
    }
  }

  private async judged<T>(
    subject: string,
    open: OpenTries,
    judge: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    try {
      const right = await judge().catch(async (error: unknown) => {
        await this.sql.query(
          'UPDATE throttles SET taken = greatest(taken - 1, 0), next_at = since WHERE subject = $1',
          [subject],
        );
        throw error;
      });
      if (right !== undefined) await this.sql.query('DELETE FROM throttles WHERE subject = $1', [subject]);
      this.tell(open, right !== undefined);
      return right;
    } catch (error) {
      this.tell(open, false);
      throw error;
    }
  }

  private tell(open: OpenTries, right: boolean) {
    open.judged--;
    if (right || open.judged === 0) for (const wake of open.waiting) wake(right);
  }
}

/**
 * Forgets subjects without a try for 30 days; hourly limits of sign-ups and mails stand in the same table and go with them.
 * A password that is out of use from a network stays so: forgotten, it could be guessed at again. At most `limit` rows; answers how many.
 */
export async function forgetTries(sql: Sql, now: Date, limit: number): Promise<number> {
  const { rowCount } = await sql.query(
    `DELETE FROM throttles WHERE subject = ANY(ARRAY(
       SELECT subject FROM throttles WHERE since <= $1::timestamptz - $2 * interval '1 day' AND NOT (taken >= $3 AND next_at > since) LIMIT $4 FOR UPDATE SKIP LOCKED))`,
    [now, KEPT_DAYS, TAKEN_MAX, limit],
  );
  return rowCount ?? 0;
}

/** Until one of those that are judged turns out right; false when none did, or not in time. */
const oneIsRight = (open: OpenTries, ms: number) =>
  new Promise<boolean>((done) => {
    const wake = (right: boolean) => {
      clearTimeout(timer);
      open.waiting.delete(wake);
      done(right);
    };
    const timer = setTimeout(
      () => {
        wake(false);
      },
      Math.max(ms, 0),
    );
    open.waiting.add(wake);
  });

/** One statement under the lock of the subject's row. Answers why no try may be taken. */
async function taken(sql: Sql, subject: string, now: Date): Promise<Problem | undefined> {
  const {
    rows: [row],
  } = await sql.query<{ took: boolean; taken: number; next_at: Date }>({
    name: 'take-try',
    values: [subject, now, FREE, DELAY_MAX_S, TAKEN_MAX],
    text: `WITH took AS (
             INSERT INTO throttles AS t (subject, taken, since, next_at) VALUES ($1, 1, $2::timestamptz, $2)
               ON CONFLICT (subject) DO UPDATE SET taken = t.taken + 1, since = $2,
                 next_at = CASE WHEN t.taken + 1 < $3 THEN $2 ELSE $2::timestamptz + least(power(2, t.taken + 1 - $3), $4) * interval '1 s' END
               WHERE t.next_at <= $2 AND t.taken < $5
               RETURNING taken, next_at)
           SELECT true AS took, taken, next_at FROM took UNION ALL SELECT false, taken, next_at FROM throttles WHERE subject = $1 ORDER BY 1 DESC LIMIT 1`,
  });
  // A concurrent sign-in has just given all tries back.
  if (!row) return taken(sql, subject, now);
  if (row.took) return undefined;
  if (row.taken >= TAKEN_MAX)
    return new Problem(
      'request/rate-limited',
      'Too many wrong passwords came from your network. Sign in from elsewhere, or set a new password.',
      { retryAfterSeconds: 86_400 },
    );
  return new Problem('request/rate-limited', 'Too many wrong passwords. Wait a little before the next try.', {
    retryAfterSeconds: Math.max(1, Math.ceil((row.next_at.getTime() - now.getTime()) / 1000)),
  });
}
