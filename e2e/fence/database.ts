import type { Key } from './keys.ts';
import type { Machine } from './world.ts';

export interface Withdrawal {
  readonly seq: number;
  readonly subject: string;
}

export interface Follower {
  applied: number;
  renewal: number;
}

/** The tables, as SQL would keep them. What is done to them in one function is one statement, or one transaction in one round trip. */
export class Database {
  primary = true;
  private renewals = 0;
  readonly withdrawals: Withdrawal[] = [];
  readonly followers = new Map<string, Follower>();

  constructor(
    readonly machine: Machine,
    readonly epoch = 1,
  ) {}

  get seq(): number {
    return this.withdrawals.length;
  }

  nextRenewal(): number {
    return ++this.renewals;
  }

  /** Once; changes nothing when it is withdrawn. */
  withdraw(subject: string): void {
    if (!this.isWithdrawn(subject)) this.withdrawals.push({ seq: this.seq + 1, subject });
  }

  isGood({ keyId, accountId }: Key): boolean {
    return !this.isWithdrawn(keyId) && !this.isWithdrawn(accountId);
  }

  after(applied: number): readonly Withdrawal[] {
    return this.withdrawals.filter(({ seq }) => seq > applied);
  }

  /** A standby takes over with all that was acknowledged. The old one can still be read; no standby acknowledges its writes. */
  promoted(machine: Machine): Database {
    const next = new Database(machine, this.epoch + 1);
    next.renewals = this.renewals;
    next.withdrawals.push(...this.withdrawals);
    for (const [instance, row] of this.followers) next.followers.set(instance, { ...row });
    this.primary = false;
    return next;
  }

  private isWithdrawn(subject: string) {
    return this.withdrawals.some((withdrawal) => withdrawal.subject === subject);
  }
}
