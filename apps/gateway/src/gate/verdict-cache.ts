import type { VerifiedKey } from './admit.ts';

/** A good verdict as it is kept: what each use is judged by. */
export interface CachedVerdict extends VerifiedKey {
  /** Where the key works from; none: anywhere. */
  readonly addresses: readonly string[];
  /** Milliseconds since 1970; Infinity when the key does not expire. */
  readonly worksUntil: number;
  /** Where the withdrawals stood before anything of the verdict was read. */
  readonly stamp: number;
  /** When it was last used, as far as that was not reported yet; 0: reported. @see KeyUses */
  usedAt: number;
}

const WITHDRAWN_MAX = 100_000;

/**
 * Verdicts by the digest of the key, and who was withdrawn after which of them. A withdrawal removes nothing: a verdict is
 * void when one of its subjects was withdrawn after its stamp, or when its stamp is older than what is remembered.
 */
export class VerdictCache {
  private readonly verdicts = new Map<string, CachedVerdict>();
  /** Keys that will never work: what was revoked, has expired or was never issued stays so. Safe without a lease: it only refuses. */
  private readonly refused = new Set<string>();
  private readonly withdrawn = new Map<string, number>();
  /** Stamps below are void: withdrawals after them are no longer remembered. */
  private floor = 0;

  /** @param max verdicts at most; the oldest goes first. */
  constructor(
    private readonly max: number,
    private readonly withdrawnMax: number = WITHDRAWN_MAX,
  ) {}

  get size(): number {
    return this.verdicts.size;
  }

  /** Who was withdrawn, and after which of them. */
  get withdrawals(): ReadonlyMap<string, number> {
    return this.withdrawn;
  }

  /** Nothing that is known holds any more; what is learnt from now on is stamped at least with `seq`. */
  clear(seq: number): void {
    this.verdicts.clear();
    this.refused.clear();
    this.withdrawn.clear();
    this.floor = seq;
  }

  /** In the order of their seq. */
  withdraw(subjects: readonly string[], seq: number): void {
    for (const subject of subjects) {
      this.withdrawn.delete(subject);
      this.withdrawn.set(subject, seq);
    }
    for (const [subject, at] of this.withdrawn) {
      if (this.withdrawn.size <= this.withdrawnMax) return;
      this.withdrawn.delete(subject);
      this.floor = at;
    }
  }

  /** Whether nothing was withdrawn that this verdict depends on. */
  stands({ keyId, accountId, projectId, organizationId, stamp }: CachedVerdict): boolean {
    if (stamp < this.floor) return false;
    if (this.withdrawn.size === 0) return true;
    return (
      this.before(keyId, stamp) &&
      this.before(accountId, stamp) &&
      this.before(projectId, stamp) &&
      this.before(organizationId, stamp)
    );
  }

  /** The kept verdict, when it stands. One that does not is dropped. */
  find(digest: string): CachedVerdict | undefined {
    const kept = this.verdicts.get(digest);
    // oldVerdictIsNotKept: a withdrawal removes nothing, so each use looks whether there was one.
    if (kept === undefined || this.stands(kept)) return kept;
    this.verdicts.delete(digest);
    return undefined;
  }

  keep(digest: string, kept: CachedVerdict): void {
    if (this.max === 0) return;
    this.verdicts.delete(digest);
    if (this.verdicts.size >= this.max) {
      const [oldest] = this.verdicts.keys();
      if (oldest !== undefined) this.verdicts.delete(oldest);
    }
    this.verdicts.set(digest, kept);
  }

  refuse(digest: string): void {
    if (this.max === 0) return;
    this.refused.add(digest);
    this.verdicts.delete(digest);
    if (this.refused.size <= this.max) return;
    const [oldest] = this.refused;
    if (oldest !== undefined) this.refused.delete(oldest);
  }

  refuses(digest: string): boolean {
    return this.refused.has(digest);
  }

  private before(subject: string, stamp: number) {
    return (this.withdrawn.get(subject) ?? 0) <= stamp;
  }
}
