import type { Machine } from './world.ts';

/** Keys, and whom a withdrawal can name: one key, or the account that two of them belong to. */
export const KEYS = ['key-1', 'key-2', 'key-3'] as const;
export type Key = (typeof KEYS)[number];
export const SUBJECTS = [...KEYS, 'account-1'] as const;
export type Subject = (typeof SUBJECTS)[number];
export const subjectsOf = (key: Key): readonly Subject[] => (key === 'key-3' ? [key] : [key, 'account-1']);

export interface Withdrawal {
  readonly seq: number;
  readonly subject: Subject;
}

export interface Follower {
  applied: number;
  renewals: number;
  /** The highest it ever acknowledged: for the judge of the model, not for the rules. */
  acknowledged: number;
  /** For the broken rule that waits for a stored time. */
  expiresAt: number;
}

/** The tables. What is done to them in one function is one statement, or one transaction in one round trip. */
export class Database {
  primary = true;
  private sequence = 0;
  private rows = 0;
  readonly withdrawals: Withdrawal[] = [];
  readonly followers = new Map<string, Follower>();

  constructor(
    readonly machine: Machine,
    readonly epoch = 1,
  ) {}

  /** As the last lock of its transaction: UPDATE fence SET seq = seq + 1. */
  get seq(): number {
    return Math.max(0, ...this.withdrawals.map(({ seq }) => seq));
  }

  next(): number {
    return ++this.sequence;
  }

  /** Where the renewals of a new row begin, far from those of all before. */
  freshCount(): number {
    return ++this.rows * 1_000_000;
  }

  /** Withdraws it once; the seq at which it is withdrawn. */
  withdraw(subject: Subject, taken?: number): number {
    const before = this.withdrawnAt(subject);
    if (before !== undefined) return before;
    const seq = taken ?? this.next();
    this.withdrawals.push({ seq, subject });
    return seq;
  }

  withdrawnAt(subject: Subject): number | undefined {
    return this.withdrawals.find((withdrawal) => withdrawal.subject === subject)?.seq;
  }

  isGood(key: Key): boolean {
    return subjectsOf(key).every((subject) => this.withdrawnAt(subject) === undefined);
  }

  after(applied: number): readonly Withdrawal[] {
    return this.withdrawals.filter(({ seq }) => seq > applied).sort((one, other) => one.seq - other.seq);
  }

  /** A standby takes over with all that was acknowledged. The old one can still be read; nobody acknowledges its writes. */
  promoted(machine: Machine): Database {
    const next = new Database(machine, this.epoch + 1);
    next.sequence = this.sequence;
    next.rows = this.rows;
    next.withdrawals.push(...this.withdrawals);
    for (const [instance, row] of this.followers) next.followers.set(instance, { ...row });
    this.primary = false;
    return next;
  }
}
