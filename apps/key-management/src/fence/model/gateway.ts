import { type Key, type Subject, subjectsOf, type Withdrawal } from './database.ts';
import type { Grant, Replica, Verdict } from './key-management.ts';
import { LEASE_MS, type Rules } from './rules.ts';
import type { Machine, Steps, World } from './world.ts';

const CALL_MAX_MS = 2_000;
const FOLLOWING_MAX_MS = 6_000;
const RENEW_EVERY_MS = 1_000;
const ASKED_MAX = 3;

interface Lease {
  readonly n: number;
  readonly from: number;
  readonly wallFrom: number;
}
interface Batch {
  readonly keys: Set<Key>;
  left: boolean;
  answers: ReadonlyMap<Key, Verdict> | undefined;
  answered: boolean;
}
export type Outcome = 'fromMemory' | 'accepted' | 'refused' | 'unavailable';

/** One life of a gateway process. */
export class Gateway {
  private registered = false;
  private stopping = false;
  private attempt = 0;
  private epoch = 0;
  private applied = 0;
  private readonly cache = new Map<Key, Verdict>();
  /** Subject -> the seq it was last withdrawn at, complete from `reachesBackTo` on. */
  private readonly withdrawn = new Map<Subject, number>();
  private reachesBackTo = 0;
  private leases: Lease[] = [];
  private batch: Batch | undefined;
  /** Every withdrawal that this process has applied: for the judge of the model, not for the rules. */
  readonly heard = new Set<Subject>();

  /** @param replica is whom it asks at this moment. */
  constructor(
    private readonly world: World,
    private readonly rules: Rules,
    readonly machine: Machine,
    private readonly instance: string,
    private readonly replica: () => Replica,
  ) {}

  *judge(key: Key): Steps<Outcome> {
    const verdict = this.cache.get(key);
    if (!this.rules.judgedInOneRun) yield {};
    if (verdict && this.holdsLease()) return 'fromMemory';
    return yield* this.ask(key);
  }

  /** Whether a request that arrives now is answered from memory, and accepted. */
  remembers(key: Key): boolean {
    return this.cache.has(key) && this.machine.alive && this.holdsLease();
  }

  *keepLease(): Steps {
    for (;;) {
      this.world.start(this.machine, this.registered ? this.renew(false) : this.register());
      yield { at: this.machine.monotonic + RENEW_EVERY_MS };
    }
  }

  *keepFollowing(): Steps {
    for (;;) {
      const found = this.registered
        ? yield* this.call(FOLLOWING_MAX_MS, (replica) => replica.follow(this.applied))
        : undefined;
      if (found && this.take(found)) this.world.start(this.machine, this.renew(false));
      else yield { at: this.machine.monotonic + RENEW_EVERY_MS };
    }
  }

  /** First it stops using its cache, then it gives its row back. */
  *stop(): Steps {
    if (this.rules.stopsBeforeItLeaves) this.stopping = true;
    yield* this.call(CALL_MAX_MS, (replica) => replica.leave(this.instance));
    this.stopping = true;
    yield {};
    this.machine.kill();
  }

  private *ask(key: Key): Steps<Outcome> {
    for (let asked = 0; asked < ASKED_MAX; asked++) {
      const verdict = yield* this.join(key);
      if (!verdict) return 'unavailable';
      if (!verdict.good) return 'refused';
      const old = this.isOld(key, verdict);
      if (old && this.rules.oldVerdictIsNotKept && this.rules.oldVerdictIsNotUsed) continue;
      if (this.registered && !(old && this.rules.oldVerdictIsNotKept)) this.cache.set(key, verdict);
      return 'accepted';
    }
    return 'unavailable';
  }

  private isOld(key: Key, { stamp, epoch }: Verdict): boolean {
    if (this.registered && epoch !== this.epoch) this.registered = false;
    else
      return (
        stamp < this.reachesBackTo || subjectsOf(key).some((subject) => (this.withdrawn.get(subject) ?? 0) > stamp)
      );
    return true;
  }

  /** Misses of one turn leave as one batch. */
  private *join(key: Key): Steps<Verdict | undefined> {
    const open = this.batch;
    const batch =
      open && (!open.left || (!this.rules.batchClosesWhenItLeaves && open.keys.has(key) && !open.answered))
        ? open
        : this.openBatch();
    batch.keys.add(key);
    yield { until: () => batch.answered };
    return batch.answers?.get(key);
  }

  private openBatch(): Batch {
    const batch: Batch = { keys: new Set(), left: false, answers: undefined, answered: false };
    this.batch = batch;
    this.world.start(this.machine, this.leave(batch));
    return batch;
  }

  private *leave(batch: Batch): Steps {
    batch.left = true;
    batch.answers = yield* this.call(CALL_MAX_MS, (replica) => replica.verify([...batch.keys]));
    batch.answered = true;
  }

  /** Clock and `applied` are read before the request leaves. */
  private *renew(anew: boolean): Steps {
    const { instance, applied, epoch } = this;
    const sent = this.time();
    const answer = yield* this.call(CALL_MAX_MS, (replica) => replica.renew({ instance, applied, epoch }, anew));
    if (answer === 'unknown') return yield* this.register();
    if (!answer || answer.epoch !== this.epoch) return;
    const { from, wallFrom } = this.rules.leaseCountsFromSending ? sent : this.time();
    this.leases = [...this.leases.filter((lease) => this.isRunning(lease)), { n: answer.n, from, wallFrom }];
    // What the grant is about comes behind it, by the stream.
    yield {};
    this.take(answer);
  }

  private *register(): Steps {
    if (this.stopping) return;
    const attempt = ++this.attempt;
    const { instance } = this;
    const sent = this.time();
    const begun = yield* this.call(CALL_MAX_MS, (replica) =>
      this.rules.gatewayNamesItsApplied ? replica.begin() : replica.registerAtOnce(instance),
    );
    if (!begun || attempt !== this.attempt) return;
    this.beginAt(begun);
    if (this.rules.gatewayNamesItsApplied) return yield* this.renew(true);
    this.leases = [{ n: begun.applied, ...sent }];
  }

  private beginAt({ applied, epoch }: { applied: number; epoch: number }): void {
    this.cache.clear();
    this.withdrawn.clear();
    this.leases = [];
    this.applied = applied;
    this.reachesBackTo = applied;
    this.epoch = epoch;
    this.registered = true;
  }

  /** Applies withdrawals without a gap; whether there was a new one. */
  private take({ epoch, withdrawals }: Omit<Grant, 'n'>): boolean {
    const before = this.applied;
    if (epoch !== this.epoch) return (this.registered = false);
    for (const withdrawal of withdrawals) {
      if (this.rules.seqIsCommitOrder ? withdrawal.seq === this.applied + 1 : withdrawal.seq > this.applied)
        this.apply(withdrawal);
    }
    return this.applied > before;
  }

  private apply({ seq, subject }: Withdrawal): void {
    this.heard.add(subject);
    this.withdrawn.set(subject, seq);
    for (const [key, { stamp }] of this.cache)
      if (stamp < seq && subjectsOf(key).includes(subject)) this.cache.delete(key);
    this.applied = seq;
  }

  private holdsLease(): boolean {
    return (
      !this.stopping &&
      this.leases.some(
        (lease) => (lease.n <= this.applied || !this.rules.grantCountsOnceApplied) && this.isRunning(lease),
      )
    );
  }

  private isRunning({ from, wallFrom }: Lease): boolean {
    const { monotonic, wall } = this.machine;
    return monotonic < from + LEASE_MS && wall >= wallFrom && wall < wallFrom + LEASE_MS;
  }

  private time(): Omit<Lease, 'n'> {
    return { from: this.machine.monotonic, wallFrom: this.machine.wall };
  }

  private *call<A>(timeoutMs: number, ask: (replica: Replica) => Steps<A>): Steps<A | undefined> {
    const replica = this.replica();
    return yield* this.world.call(this.machine, replica.machine, timeoutMs, () => ask(replica));
  }
}
