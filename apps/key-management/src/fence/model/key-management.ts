import type { Database, Follower, Key, Subject, Withdrawal } from './database.ts';
import { LEASE_MS, type Rules, WAIT_MS, WRITTEN_WITHIN_MS } from './rules.ts';
import type { Machine, Steps, World } from './world.ts';

const STATEMENT_MAX_MS = 3_000;
const FOLLOWING_MAX_MS = 5_000;
const HEARTBEAT_EVERY_MS = 1_000;

export interface Verdict {
  readonly good: boolean;
  readonly stamp: number;
  readonly epoch: number;
}
/** What a gateway sends of itself. */
export interface Acknowledgement {
  readonly instance: string;
  readonly applied: number;
  readonly epoch: number;
}
export interface Grant {
  readonly n: number;
  readonly epoch: number;
  readonly withdrawals: readonly Withdrawal[];
}
type Waited = { readonly returned: boolean; readonly gaveUp: number; readonly gaveUpThoughAcknowledged: boolean };

/** One replica of key-management, on whichever database it has its connections to. */
export class Replica {
  private writtenAt = -Infinity;
  private epochSeenAt = -Infinity;

  constructor(
    private readonly world: World,
    private readonly rules: Rules,
    readonly machine: Machine,
    private database: Database,
  ) {
    this.connect(database);
  }

  /** Starts, or connects to a database of another epoch. */
  connect(database: Database): void {
    this.writtenAt = -Infinity;
    this.epochSeenAt = database.epoch === 1 ? -Infinity : this.machine.monotonic;
    this.database = database;
  }

  *beat(): Steps {
    for (;;) {
      yield* this.write(() => true);
      yield { at: this.machine.monotonic + HEARTBEAT_EVERY_MS };
    }
  }

  /** VerifyKey. The write is asked for after the reading: it must be newer than what was read. */
  *verify(keys: readonly Key[]): Steps<ReadonlyMap<Key, Verdict> | undefined> {
    const { epoch } = this.database;
    const readKeys = () => this.read((database) => keys.map((key) => [key, database.isGood(key)] as const));
    const early = this.rules.stampedBeforeReading ? yield* this.readSeq() : undefined;
    const found = yield* readKeys();
    const stamp = early ?? (yield* this.readSeq());
    if (found === undefined || stamp === undefined || !this.maySpeak(epoch)) return undefined;
    return new Map(found.map(([key, good]) => [key, { good, stamp, epoch }]));
  }

  /** What a gateway begins with. */
  *begin(): Steps<{ applied: number; epoch: number } | undefined> {
    return yield* this.read(({ seq, epoch }) => ({ applied: seq, epoch }));
  }

  /** Renewal, and with `anew` the second half of a registration: first the row, committed; then, in a new statement, n. */
  *renew(sent: Acknowledgement, anew: boolean): Steps<Grant | 'unknown' | undefined> {
    const known = yield* this.write((database) => this.acknowledge(database, sent, anew));
    if (known === undefined) return undefined;
    if (!known) return 'unknown';
    return yield* this.read((database) => ({
      n: database.seq,
      epoch: database.epoch,
      withdrawals: database.after(sent.applied),
    }));
  }

  /** The broken registration: the server reads the seq and writes it for the gateway. */
  *registerAtOnce(instance: string): Steps<{ applied: number; epoch: number } | undefined> {
    const found = yield* this.begin();
    const written =
      found && (yield* this.write((database) => this.acknowledge(database, { instance, ...found }, true)));
    return written ? found : undefined;
  }

  /** One turn of the stream: it waits for withdrawals, and sends them. */
  *follow(applied: number): Steps<Omit<Grant, 'n'> | undefined> {
    const { database } = this;
    yield { until: () => database.seq > applied, at: this.machine.monotonic + FOLLOWING_MAX_MS };
    return yield* this.read(({ epoch }) => ({ epoch, withdrawals: database.after(applied) }));
  }

  *leave(instance: string): Steps<boolean | undefined> {
    return yield* this.write(({ followers }) => followers.delete(instance));
  }

  /** RevokeKey: commits, then waits until no gateway can accept what was withdrawn. */
  *revoke(subject: Subject): Steps<Waited> {
    const early = this.rules.followersReadAfterCommit ? undefined : yield* this.readFollowers();
    const done = yield* this.withdraw(subject);
    if (done === undefined) return FAILED;
    if (!done.changed && !this.rules.repeatedOneWaits) return { ...FAILED, returned: true };
    const followers = early ?? (yield* this.readFollowers());
    if (followers === undefined) return FAILED;
    return yield* this.wait(done.seq, followers, this.machine.monotonic);
  }

  private *wait(seq: number, followers: ReadonlyMap<string, Follower>, readAt: number): Steps<Waited> {
    const deadline = readAt + (this.rules.waitAllowsForDrift ? WAIT_MS : LEASE_MS);
    if (this.rules.newEpochWaits) yield { at: this.epochSeenAt + WAIT_MS };
    let left = [...followers.keys()];
    while (left.length > 0) {
      const now = yield* this.readFollowers();
      if (now === undefined) return FAILED;
      left = left.filter((instance) => !this.isPast(now.get(instance), seq));
      if (left.length === 0 || this.machine.monotonic >= deadline) break;
      const { database } = this;
      yield { at: deadline, until: () => left.some((instance) => this.isPast(database.followers.get(instance), seq)) };
    }
    return yield* this.giveUp(seq, followers, left);
  }

  private isPast(row: Follower | undefined, seq: number): boolean {
    return !row || row.applied >= seq || (!this.rules.waitsOnOwnClock && this.machine.wall > row.expiresAt);
  }

  private *giveUp(seq: number, followers: ReadonlyMap<string, Follower>, left: readonly string[]): Steps<Waited> {
    let gaveUpThoughAcknowledged = false;
    for (const instance of left) {
      const deleted = yield* this.write((database) => {
        const row = database.followers.get(instance);
        gaveUpThoughAcknowledged ||= row !== undefined && row.acknowledged >= seq && row.applied < seq;
        if (!this.rules.deletesOnlyAsRead || row?.renewals === followers.get(instance)?.renewals)
          database.followers.delete(instance);
        return true;
      });
      if (!deleted) return FAILED;
    }
    return { returned: true, gaveUp: left.length, gaveUpThoughAcknowledged };
  }

  private *withdraw(subject: Subject): Steps<{ seq: number; changed: boolean } | undefined> {
    const taken = this.rules.seqIsCommitOrder ? undefined : yield* this.write((database) => database.next());
    return yield* this.write((database) => {
      const changed = database.withdrawnAt(subject) === undefined;
      return { seq: database.withdraw(subject, taken), changed };
    });
  }

  private acknowledge(database: Database, { instance, applied, epoch }: Acknowledgement, anew: boolean): boolean {
    const row = database.followers.get(instance);
    if (epoch !== database.epoch || (!row && !anew)) return false;
    const acknowledged = Math.max(row?.acknowledged ?? 0, applied);
    database.followers.set(instance, {
      applied: this.rules.appliedOnlyGrows ? acknowledged : applied,
      acknowledged,
      renewals: (row?.renewals ?? (this.rules.renewalsNeverRepeat ? database.freshCount() : 0)) + 1,
      expiresAt: this.machine.wall + WAIT_MS,
    });
    return true;
  }

  private maySpeak(epoch: number): boolean {
    return (
      epoch === this.database.epoch &&
      (!this.rules.answersOnlyIfItCanWrite || this.machine.monotonic - this.writtenAt < WRITTEN_WITHIN_MS)
    );
  }

  private readSeq = (): Steps<number | undefined> => this.read(({ seq }) => seq);

  private readFollowers(): Steps<ReadonlyMap<string, Follower> | undefined> {
    return this.read(({ followers }) => new Map([...followers].map(([instance, row]) => [instance, { ...row }])));
  }

  private *read<A>(select: (database: Database) => A): Steps<A | undefined> {
    const { database } = this;
    return yield* this.world.call(this.machine, database.machine, STATEMENT_MAX_MS, function* () {
      return select(database);
    });
  }

  /** A write counts from its sending: an acknowledgement that comes late says nothing about now. */
  private *write<A>(change: (database: Database) => A): Steps<A | undefined> {
    const {
      database,
      machine: { monotonic },
    } = this;
    const answer = yield* this.world.call(this.machine, database.machine, STATEMENT_MAX_MS, function* () {
      if (!database.primary) yield { until: () => false };
      return change(database);
    });
    if (answer !== undefined && database === this.database)
      this.writtenAt = Math.max(this.writtenAt, this.rules.writeCountsFromSending ? monotonic : this.machine.monotonic);
    return answer;
  }
}

const FAILED: Waited = { returned: false, gaveUp: 0, gaveUpThoughAcknowledged: false };
