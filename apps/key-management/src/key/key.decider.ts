import type { ProblemCode } from '#contracts';
import { type Decider, refuse } from '#event-sourcing';

const DAY_MS = 86_400_000;

export type RevocationReason = 'requested' | 'leaked' | 'owner-left' | 'operator';

/** How many days before a key expires its holder is reminded. */
export const REMINDERS = [14, 3] as const;
export type Reminder = (typeof REMINDERS)[number];

export type KeyEvent =
  | {
      type: 'KeyIssued';
      data: {
        accountId: string;
        projectId: string;
        organizationId: string;
        name: string;
        digest: string;
        start: string;
        scopes: readonly string[];
        worksUntil: string | null;
        replaces: string | null;
        addresses?: readonly string[];
      };
    }
  | { type: 'KeyRotated'; data: { projectId: string; accountId: string; replacedBy: string; worksUntil: string } }
  | { type: 'KeyRenamed'; data: { projectId: string; accountId: string; name: string } }
  /** `days`: of which reminder it is; `daysLeft`: until it expires, begun ones counted whole. */
  | {
      type: 'KeyExpiring';
      data: {
        projectId: string;
        organizationId: string;
        accountId: string;
        name: string;
        projectName: string;
        expiresAt: string;
        days: Reminder;
        daysLeft: number;
      };
    }
  | { type: 'KeyLeakReported'; data: { projectId: string; organizationId: string; accountId: string } }
  /** `note`: the reason that the revoking person typed. For this log alone, in no fact. */
  | { type: 'KeyRevoked'; data: { projectId: string; accountId: string; reason: RevocationReason; note?: string } };

type Issued = Extract<KeyEvent, { type: 'KeyIssued' }>['data'];

export type Key =
  | { status: 'unissued' }
  | {
      status: 'active' | 'rotated' | 'revoked';
      issued: Issued;
      worksUntil: string | null;
      replacedBy?: string;
      /** The last reminder that its holder was sent. */
      reminded?: Reminder;
      revokedFor?: RevocationReason;
      note?: string;
    };

type ActiveKey = Exclude<Key, { status: 'unissued' }>;

export interface IssueKey extends Issued {
  type: 'IssueKey';
}
export interface RotateKey {
  type: 'RotateKey';
  replacedBy: string;
  worksUntil: string;
  at: string;
}
export interface RenameKey {
  type: 'RenameKey';
  name: string;
}
export interface RevokeKey {
  type: 'RevokeKey';
  reason: RevocationReason;
  note?: string;
}
export interface ReportLeak {
  type: 'ReportLeak';
}
/** `projectName`: as it is called now. */
export interface RemindOfExpiry {
  type: 'RemindOfExpiry';
  days: Reminder;
  projectName: string;
  at: string;
}
export type KeyCommand = IssueKey | RotateKey | RenameKey | RevokeKey | ReportLeak | RemindOfExpiry;

export type KeyProblem = Extract<ProblemCode, 'key/unknown' | 'key/no-longer-active'>;

export const key: Decider<KeyCommand, Key, KeyEvent, KeyProblem> = {
  category: 'key',
  initial: { status: 'unissued' },
  decide(command, state) {
    if (command.type === 'IssueKey') return issue(command, state);
    if (state.status === 'unissued') return refuse('key/unknown', 'No key has this id.');
    switch (command.type) {
      case 'RotateKey':
        return rotate(command, state);
      case 'RenameKey':
        return rename(command, state);
      case 'RevokeKey':
        return revoke(command, state);
      case 'ReportLeak':
        return report(state);
      case 'RemindOfExpiry':
        return remind(command, state);
    }
  },
  evolve(state, event) {
    if (event.type === 'KeyIssued') return { status: 'active', issued: event.data, worksUntil: event.data.worksUntil };
    if (state.status === 'unissued') return state;
    switch (event.type) {
      case 'KeyRotated':
        return { ...state, status: 'rotated', worksUntil: event.data.worksUntil, replacedBy: event.data.replacedBy };
      case 'KeyRenamed':
        return { ...state, issued: { ...state.issued, name: event.data.name } };
      case 'KeyExpiring':
        return { ...state, reminded: event.data.days };
      case 'KeyLeakReported':
        return state;
      case 'KeyRevoked':
        return { ...state, status: 'revoked', revokedFor: event.data.reason, ...noted(event.data) };
    }
  },
};

function issue({ type: _, ...issued }: IssueKey, state: Key) {
  return state.status === 'unissued' ? ([{ type: 'KeyIssued', data: issued }] satisfies KeyEvent[]) : [];
}

function rotate({ replacedBy, worksUntil, at }: RotateKey, state: ActiveKey) {
  if (state.status !== 'active')
    return refuse('key/no-longer-active', 'This key was revoked or replaced already. Make a new key instead.');
  if (state.worksUntil !== null && state.worksUntil <= at)
    return refuse('key/no-longer-active', 'This key has expired. Make a new key instead.');
  // A rotation never lets the old key live longer than it would have.
  const earlier = state.worksUntil !== null && state.worksUntil < worksUntil ? state.worksUntil : worksUntil;
  return [{ type: 'KeyRotated', data: { ...place(state), replacedBy, worksUntil: earlier } }] satisfies KeyEvent[];
}

function rename({ name }: RenameKey, state: ActiveKey) {
  if (state.status === 'revoked')
    return refuse('key/no-longer-active', 'This key was revoked. Its name stays what people knew it by.');
  if (name === state.issued.name) return [];
  return [{ type: 'KeyRenamed', data: { ...place(state), name } }] satisfies KeyEvent[];
}

function revoke({ reason, note }: RevokeKey, state: ActiveKey) {
  // The first revocation stands: its reason is evidence, and a retry must add nothing.
  if (state.status === 'revoked') return [];
  return [{ type: 'KeyRevoked', data: { ...place(state), reason, ...noted({ note }) } }] satisfies KeyEvent[];
}

function report(state: ActiveKey) {
  if (state.status === 'revoked') return [];
  return [
    { type: 'KeyLeakReported', data: { ...place(state), organizationId: state.issued.organizationId } },
    { type: 'KeyRevoked', data: { ...place(state), reason: 'leaked' } },
  ] satisfies KeyEvent[];
}

/** A key that was replaced ends because its holder wants it to. */
function remind({ days, projectName, at }: RemindOfExpiry, state: ActiveKey) {
  const { status, worksUntil: expiresAt, reminded = Infinity } = state;
  if (status !== 'active' || expiresAt === null || expiresAt <= at || reminded <= days) return [];
  const { organizationId, name } = state.issued;
  const daysLeft = Math.ceil((Date.parse(expiresAt) - Date.parse(at)) / DAY_MS);
  return [
    { type: 'KeyExpiring', data: { ...place(state), organizationId, name, projectName, expiresAt, days, daysLeft } },
  ] satisfies KeyEvent[];
}

const noted = ({ note }: { note?: string | undefined }) => (note === undefined ? {} : { note });
const place = ({ issued: { projectId, accountId } }: ActiveKey) => ({ projectId, accountId });
