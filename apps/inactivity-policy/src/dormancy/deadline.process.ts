import type { Policy } from '../policy/policy.decider.ts';

/** The latest instant of each kind; null where there was none. All instants are UTC, as `toISOString` writes them, so they sort as text. */
export interface LastActivity {
  signIn: string | null;
  session: string | null;
  api: string | null;
}

/** A warning for one due date. `servedAt`: when notice was served; null while the mail server has not answered for good. */
export interface Warning {
  messageId: string;
  dueAt: string;
  issuedAt: string;
  servedAt: string | null;
  reached: boolean;
}

/** The clock runs from `startedAt` unless it was stopped later. */
export interface Dormancy {
  startedAt: string | null;
  stoppedAt: string | null;
  warnings: readonly Warning[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const iso = (ms: number) => new Date(ms).toISOString();
const days = (count: number) => count * DAY_MS;
/** A day counts to its end, because only its first use is surely recorded. */
const endOfDay = (ms: number) => (Math.floor(ms / DAY_MS) + 1) * DAY_MS;

export const isRunning = ({ startedAt, stoppedAt }: Dormancy): boolean =>
  startedAt !== null && !(stoppedAt !== null && stoppedAt > startedAt);

/** When the account would be inactive for the whole threshold. Undefined before its clock has started. */
export function dueAtOf(
  { startedAt }: Dormancy,
  policy: Policy,
  { signIn, session, api }: LastActivity,
): string | undefined {
  if (startedAt === null) return undefined;
  const latest = Math.max(...[startedAt, signIn, session, api].flatMap((at) => (at === null ? [] : [Date.parse(at)])));
  return iso(
    Math.max(endOfDay(latest) + days(policy.thresholdDays), Date.parse(policy.effectiveAt) + days(policy.noticeDays)),
  );
}

/** When the warning goes out: an hour for the mail to arrive, so that notice is served in time. */
export const warningAtOf = (dueAt: string, policy: Policy): string =>
  iso(Date.parse(dueAt) - days(policy.noticeDays) - HOUR_MS);

/** No suspension without the whole notice, however late it was served. */
export const suspendAtOf = (dueAt: string, servedAt: string, policy: Policy): string =>
  iso(Math.max(Date.parse(dueAt), Date.parse(servedAt) + days(policy.noticeDays)));

/** When to look at the account again; undefined when nothing can become due. An account that waits for others' facts is looked at daily. */
export function nextLookAt(
  state: Dormancy,
  policy: Policy,
  lastActivity: LastActivity,
  at: string,
): string | undefined {
  const dueAt = dueAtOf(state, policy, lastActivity);
  if (dueAt === undefined || !isRunning(state)) return undefined;
  const warning = state.warnings.find((candidate) => candidate.dueAt === dueAt);
  if (!warning) return warningAtOf(dueAt, policy);
  if (warning.servedAt === null || warning.reached) return iso(Date.parse(at) + DAY_MS);
  return suspendAtOf(dueAt, warning.servedAt, policy);
}
