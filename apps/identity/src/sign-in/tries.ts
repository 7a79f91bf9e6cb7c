import { inTransaction, type Sql, SQLSTATE, sqlState } from '#event-sourcing';
import { Problem } from '#platform';
import type { Pool } from 'pg';

const HOUR_MS = 3_600_000;
const WAIT_MS = 2_000;
const WAITING_MAX = 16;
const KEPT_DAYS = 30;

/**
 * How often something may be tried. `free` tries cost no wait, per hour where `hourly`; then each doubles the wait from a second up to
 * `waitMaxS`, or waits as long where `hourly`. At `most` wrong ones it is off: for `offMs`, or until a right one.
 */
export interface Policy {
  readonly free: number;
  readonly hourly?: true;
  readonly waitMaxS: number;
  readonly most?: number;
  readonly offMs?: number;
}

/** What one try takes from. `onRight`: a right one clears it, or gives back its own try alone, where others' failures must stay counted. */
export interface Limit {
  readonly subject: string;
  readonly policy: Policy;
  readonly onRight: 'clear' | 'give-back';
  /** Where it is off: what helps. */
  readonly off: string;
}

/** What is kept of one subject. */
export interface Taken {
  readonly taken: number;
  readonly since: Date;
  readonly nextAt: Date;
  readonly inWindow: number;
  readonly windowAt: Date | undefined;
}

/** What a try makes of a subject, or how long there is none; `off`: longer than one waits. Pure. */
export function afterTry(
  before: Taken,
  { free, hourly, waitMaxS, most = Infinity, offMs = Infinity }: Policy,
  now: Date,
): { readonly after: Taken } | { readonly waitMs: number; readonly off: boolean } {
  const at = now.getTime();
  if (before.taken >= most) {
    const waitMs = before.since.getTime() + offMs - at;
    if (waitMs > 0) return { waitMs: Math.min(waitMs, 24 * HOUR_MS), off: true };
  }
  // Without a wait the next try may come at once, also one whose instant was taken before that of the try before it.
  if (before.nextAt > before.since && before.nextAt > now) return { waitMs: before.nextAt.getTime() - at, off: false };
  const taken = (before.taken >= most ? 0 : before.taken) + 1;
  const sameWindow = before.windowAt !== undefined && at - before.windowAt.getTime() < HOUR_MS;
  const inWindow = (sameWindow ? before.inWindow : 0) + 1;
  const used = hourly ? inWindow : taken;
  const waitS = used < free ? 0 : hourly ? waitMaxS : Math.min(2 ** (used - free), waitMaxS);
  return {
    after: {
      taken,
      since: now,
      nextAt: new Date(at + waitS * 1000),
      inWindow,
      windowAt: sameWindow ? before.windowAt : now,
    },
  };
}

/** Tries of one kind in this process: those that are judged, and those that wait for their outcome. */
interface OpenTries {
  judged: number;
  readonly waiting: Set<(right: boolean) => void>;
}

/**
 * Slows down guessing. A try is taken before it is judged, from all its subjects in one transaction under their locks, so parallel ones
 * are counted one by one; a right one gives all back, and those that it kept out wait a moment for that.
 */
export class Tries {
  private readonly open = new Map<string, OpenTries>();

  constructor(
    private readonly pool: Pool,
    private readonly now: () => Date,
  ) {}

  /**
   * Takes a try and judges; `judge` answers undefined for a wrong one, which stays counted, and of which `wrong` is told with the tries of each limit.
   * @throws Problem where none may be taken now, and what `judge` throws: then the result is unknown, and the try is given back.
   */
  async take<T>(
    limits: readonly [Limit, ...Limit[]],
    judge: () => Promise<T | undefined>,
    wrong: (taken: readonly number[]) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<T | undefined> {
    const [{ subject }] = limits;
    const open = this.open.get(subject) ?? { judged: 0, waiting: new Set() };
    this.open.set(subject, open);
    try {
      const taken = await this.takeOrWait(limits, open);
      const right = await this.judged(limits, open, judge);
      if (right === undefined) await wrong(taken);
      return right;
    } finally {
      if (open.judged === 0 && open.waiting.size === 0) this.open.delete(subject);
    }
  }

  /** All that was taken of these counts no more. */
  async forget(sql: Sql, subjects: readonly string[]): Promise<void> {
    await sql.query('DELETE FROM tries WHERE subject = ANY($1)', [subjects]);
  }

  private async takeOrWait(limits: readonly Limit[], open: OpenTries): Promise<readonly number[]> {
    const until = performance.now() + WAIT_MS;
    for (;;) {
      open.judged++;
      const taken = await take(this.pool, limits, this.now()).catch((error: unknown) => {
        open.judged--;
        throw error;
      });
      if (!(taken instanceof Problem)) return taken;
      open.judged--;
      const left = until - performance.now();
      // It waits for a right one alone, which gives all back: a wrong one must not let the next guess in.
      if (open.judged === 0 || open.waiting.size >= WAITING_MAX || !(await oneIsRight(open, left))) throw taken;
    }
  }

  private async judged<T>(
    limits: readonly Limit[],
    open: OpenTries,
    judge: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    try {
      const right = await judge().catch(async (error: unknown) => {
        await giveBack(this.pool, limits);
        throw error;
      });
      if (right !== undefined) {
        await clear(
          this.pool,
          limits.filter(({ onRight }) => onRight === 'clear'),
        );
        await giveBack(
          this.pool,
          limits.filter(({ onRight }) => onRight === 'give-back'),
        );
      }
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
 * Forgets subjects without a try for 30 days. What is off until a right one stays so: forgotten, it could be guessed at again. At most `limit` rows; answers how many.
 */
export async function forgetTries(sql: Sql, now: Date, limit: number): Promise<number> {
  const { rowCount } = await sql.query(
    `DELETE FROM tries WHERE subject = ANY(ARRAY(
       SELECT subject FROM tries WHERE since <= $1::timestamptz - $2 * interval '1 day' AND NOT (taken >= 100 AND next_at > since) LIMIT $3 FOR UPDATE SKIP LOCKED))`,
    [now, KEPT_DAYS, limit],
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

interface Row {
  subject: string;
  taken: number;
  since: Date;
  next_at: Date;
  in_window: number;
  window_at: Date | null;
}

/**
 * Takes from every subject, or from none. Answers the tries of each, or why there is none. What is written already refuses most guesses of a flood: they
 * take no lock and write nothing, or an account's holder would wait behind them for the database. What nobody else tries at is taken as it was seen;
 * otherwise every subject's row is locked, always in the same order, and looked at again.
 */
async function take(pool: Pool, limits: readonly Limit[], now: Date): Promise<readonly number[] | Problem> {
  const subjects = limits.map(({ subject }) => subject);
  const { rows: seen } = await pool.query<Row & { seen: string }>({
    name: 'see-tries',
    values: [subjects],
    text: 'SELECT subject, taken, since, next_at, in_window, window_at, xmin::text AS seen FROM tries WHERE subject = ANY($1)',
  });
  const early = tried(limits, seen, now);
  if (early instanceof Problem) return early;
  if (await takenAsSeen(pool, subjects, early, new Map(seen.map((row) => [row.subject, row.seen])), now))
    return early.map(({ taken }) => taken);
  return inTransaction(pool, 'BEGIN', async (tx) => {
    const { rows } = await tx.query<Row>({
      name: 'lock-tries',
      values: [subjects, now],
      text: `INSERT INTO tries AS t (subject, taken, since, next_at) SELECT s, 0, $2, $2 FROM unnest($1::text[]) AS s ORDER BY s
               ON CONFLICT (subject) DO UPDATE SET subject = excluded.subject RETURNING subject, taken, since, next_at, in_window, window_at`,
    });
    const taken = tried(limits, rows, now);
    // What is not written is as it was: rows of nothing are swept with the rest.
    if (taken instanceof Problem) return taken;
    await tx.query({
      name: 'take-tries',
      values: written(subjects, taken, now),
      text: `UPDATE tries AS t SET taken = n.taken, since = $6, next_at = n.next_at, in_window = n.in_window, window_at = n.window_at
               FROM unnest($1::text[], $2::int[], $3::timestamptz[], $4::int[], $5::timestamptz[]) AS n (subject, taken, next_at, in_window, window_at)
              WHERE t.subject = n.subject`,
    });
    return taken.map((each) => each.taken);
  });
}

/** Takes from all of them while each is still as it was seen, in one statement; false where one is not: then nothing is taken. */
async function takenAsSeen(
  pool: Pool,
  subjects: readonly string[],
  taken: readonly Taken[],
  seen: ReadonlyMap<string, string>,
  now: Date,
): Promise<boolean> {
  try {
    await pool.query({
      name: 'take-tries-as-seen',
      values: [...written(subjects, taken, now), subjects.map((subject) => seen.get(subject) ?? null)],
      text: `WITH n AS MATERIALIZED (
               SELECT * FROM unnest($1::text[], $2::int[], $3::timestamptz[], $4::int[], $5::timestamptz[], $7::text[]) AS n (subject, taken, next_at, in_window, window_at, seen)
             ), put AS (
               INSERT INTO tries AS t (subject, taken, since, next_at, in_window, window_at)
               SELECT subject, taken, $6::timestamptz, next_at, in_window, window_at FROM n ORDER BY subject
               ON CONFLICT (subject) DO UPDATE SET taken = excluded.taken, since = excluded.since, next_at = excluded.next_at, in_window = excluded.in_window, window_at = excluded.window_at
                WHERE t.xmin::text = (SELECT n.seen FROM n WHERE n.subject = t.subject)
               RETURNING 1
             ) SELECT CASE WHEN count(*) < cardinality($1::text[]) THEN log_refuse('${SQLSTATE.versionConflict}', 'others have tried meanwhile') END FROM put`,
    });
    return true;
  } catch (error) {
    if (sqlState(error) === SQLSTATE.versionConflict) return false;
    throw error;
  }
}

const written = (subjects: readonly string[], taken: readonly Taken[], now: Date) => [
  subjects,
  taken.map((each) => each.taken),
  taken.map(({ nextAt }) => nextAt),
  taken.map((each) => each.inWindow),
  taken.map(({ windowAt }) => windowAt),
  now,
];

/** What a try makes of each subject, in their order, or why there is none. One without a row was never tried. */
function tried(limits: readonly Limit[], rows: readonly Row[], now: Date): readonly Taken[] | Problem {
  const found = new Map(rows.map((row) => [row.subject, row]));
  const taken: Taken[] = [];
  for (const { subject, policy, off } of limits) {
    const row = found.get(subject);
    const after = afterTry(
      {
        taken: row?.taken ?? 0,
        since: row?.since ?? now,
        nextAt: row?.next_at ?? now,
        inWindow: row?.in_window ?? 0,
        windowAt: row?.window_at ?? undefined,
      },
      policy,
      now,
    );
    if (!('after' in after))
      return refusal(after.waitMs, after.off ? off : 'Too many wrong tries. Wait a little before the next one.');
    taken.push(after.after);
  }
  return taken;
}

const refusal = (waitMs: number, detail: string) =>
  new Problem('request/rate-limited', detail, { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });

/** Need not wait for the disk: what a crash of the server takes of it leaves a try counted that was right. */
const SOON = `RETURNING set_config('synchronous_commit', 'off', true)`;
const LOCKED = 'SELECT subject FROM tries WHERE subject = ANY($1) ORDER BY subject FOR UPDATE';

async function clear(sql: Sql, limits: readonly Limit[]): Promise<void> {
  if (limits.length > 0)
    await sql.query({
      name: 'clear-tries',
      text: `WITH locked AS (${LOCKED}) DELETE FROM tries WHERE subject IN (SELECT subject FROM locked) ${SOON}`,
      values: [limits.map(({ subject }) => subject)],
    });
}

async function giveBack(sql: Sql, limits: readonly Limit[]): Promise<void> {
  if (limits.length > 0)
    await sql.query({
      name: 'give-tries-back',
      text: `WITH locked AS (${LOCKED}) UPDATE tries SET taken = greatest(taken - 1, 0), in_window = greatest(in_window - 1, 0), next_at = since WHERE subject IN (SELECT subject FROM locked) ${SOON}`,
      values: [limits.map(({ subject }) => subject)],
    });
}
