import type { keyManagement } from '#contracts';
import { Database, type Follower } from './database.ts';
import type { Key } from './keys.ts';
import { Machine, type Steps, type World } from './world.ts';

const LEASE_MS = 10_000;
const WAIT_MS = LEASE_MS * 1.02 + 50;
const WRITTEN_WITHIN_MS = 2_000;
const STATEMENT_MAX_MS = 3_000;
const FOLLOWING_MAX_MS = 5_000;
const HEARTBEAT_EVERY_MS = 1_000;

/** A replica of key-management as gateways and those who revoke see it. `undefined`: no answer. */
export interface Replica {
  readonly machine: Machine;
  /** A process starts, or its connections go to the primary of today. */
  start(): void;
  register(): Steps<keyManagement.RegisterResponse | undefined>;
  renew(request: keyManagement.RenewRequest): Steps<keyManagement.RenewResponse | undefined>;
  /** What the stream brings next; none when nothing came for a while. */
  follow(request: keyManagement.FollowRequest): Steps<readonly keyManagement.Withdrawals[] | 'forgotten' | undefined>;
  leave(request: keyManagement.LeaveRequest): Steps<unknown>;
  verify(request: keyManagement.VerifyKeysRequest): Steps<keyManagement.VerifyKeysResponse | undefined>;
  /** Whether it returned. */
  revoke(subject: string): Steps<boolean>;
}

/** All of key-management: its replicas, and the database that they write to. */
export interface KeyManagement {
  readonly replicas: readonly Replica[];
  /** The machine of today's primary. */
  readonly database: Machine;
  promote(): Promise<void> | void;
  isGood(key: Key): boolean;
}

/** A stand-in for key-management that keeps its rules, fast enough for thousands of runs. The real one is driven by `server.ts`. */
export class ModelledKeyManagement implements KeyManagement {
  private primary: Database;
  readonly replicas: readonly Replica[];

  constructor(
    private readonly world: World,
    rates: readonly number[],
    keys: readonly Key[],
    brings: boolean,
  ) {
    this.primary = new Database(this.named(1));
    this.replicas = rates.map(
      (rate, n) =>
        new ModelledReplica(world, new Machine(world, `replica-${n}`, rate), keys, brings, () => this.primary),
    );
    for (const replica of this.replicas) replica.start();
  }

  get database(): Machine {
    return this.primary.machine;
  }

  promote(): void {
    this.primary = this.primary.promoted(this.named(this.primary.epoch + 1));
  }

  isGood(key: Key): boolean {
    return this.primary.isGood(key);
  }

  private named(epoch: number) {
    return new Machine(this.world, `database-${epoch}`, 1);
  }
}

class ModelledReplica implements Replica {
  private writtenAt = -Infinity;
  private epochSeenAt = -Infinity;
  private beats = 0;
  private database: Database;

  /** @param brings what is missing with the grant, and by the stream only what is new; else all comes by the stream, one after the other, as what is more than one answer holds. */
  constructor(
    private readonly world: World,
    readonly machine: Machine,
    private readonly keys: readonly Key[],
    private readonly brings: boolean,
    private readonly primary: () => Database,
  ) {
    this.database = primary();
  }

  start(): void {
    this.database = this.primary();
    this.writtenAt = -Infinity;
    this.epochSeenAt = this.database.epoch === 1 ? -Infinity : this.machine.monotonic;
    if (this.machine.alive && this.beats > 0) return;
    this.machine.alive = true;
    this.world.start(this.machine, this.beat(++this.beats));
  }

  *register(): Steps<keyManagement.RegisterResponse | undefined> {
    return yield* this.read(({ seq, epoch }) => ({ seq, epoch, leaseMs: LEASE_MS }));
  }

  /** First the row, committed; then, in a new statement, how far the grant reaches. */
  *renew({
    instance,
    applied,
    epoch,
    registering,
  }: keyManagement.RenewRequest): Steps<keyManagement.RenewResponse | undefined> {
    const known = yield* this.write((database) => {
      const row = database.followers.get(instance);
      if (epoch !== database.epoch || (!row && !registering)) return false;
      database.followers.set(instance, {
        applied: Math.max(row?.applied ?? 0, applied),
        renewal: database.nextRenewal(),
      });
      return true;
    });
    if (known === undefined) return undefined;
    if (!known) return { outcome: 'unknown', upTo: 0, leaseMs: 0, withdrawals: [] };
    return yield* this.read((database) => ({
      outcome: 'granted',
      upTo: database.seq,
      leaseMs: LEASE_MS,
      withdrawals: this.brings ? brought(database, applied) : [],
    }));
  }

  *follow({
    epoch,
    after,
  }: keyManagement.FollowRequest): Steps<readonly keyManagement.Withdrawals[] | 'forgotten' | undefined> {
    const { database } = this;
    if (epoch !== database.epoch) return 'forgotten';
    yield { until: () => database.seq > after, at: this.machine.monotonic + FOLLOWING_MAX_MS };
    const one = this.brings ? [-1] : [0, 1];
    return yield* this.read(() => brought(database, after).slice(...one));
  }

  *leave({ instance }: keyManagement.LeaveRequest): Steps<unknown> {
    return yield* this.write(({ followers }) => followers.delete(instance));
  }

  /** The seq is read first; a write is asked for last: it must be newer than what was read. */
  *verify({ digests }: keyManagement.VerifyKeysRequest): Steps<keyManagement.VerifyKeysResponse | undefined> {
    const { epoch } = this.database;
    const seq = yield* this.read((database) => database.seq);
    const verdicts = yield* this.read((database) =>
      digests.map((digest) => verdict(this.keys.find((key) => key.digest === digest && database.isGood(key)))),
    );
    if (
      verdicts === undefined ||
      seq === undefined ||
      epoch !== this.database.epoch ||
      this.machine.monotonic - this.writtenAt >= WRITTEN_WITHIN_MS
    )
      return undefined;
    return { verdicts, epoch, seq };
  }

  /** Commits, then waits until no gateway can accept what was withdrawn. */
  *revoke(subject: string): Steps<boolean> {
    if (
      (yield* this.write((database) => {
        database.withdraw(subject);
        return true;
      })) === undefined
    )
      return false;
    const deadline = this.machine.monotonic + WAIT_MS;
    const seen = yield* this.read((database) => ({
      seq: database.seq,
      followers: structuredClone(database.followers),
    }));
    if (seen === undefined) return false;
    yield { at: this.epochSeenAt + WAIT_MS };
    const { database } = this;
    const behind = ({ followers }: Pick<Database, 'followers'>, [instance]: readonly [string, Follower]) =>
      (followers.get(instance)?.applied ?? Infinity) < seen.seq;
    let left = [...seen.followers];
    while (left.length > 0) {
      const now = yield* this.read(({ followers }) => ({ followers: structuredClone(followers) }));
      if (now === undefined) return false;
      left = left.filter((each) => behind(now, each));
      if (left.length === 0 || this.machine.monotonic >= deadline) break;
      yield { at: deadline, until: () => left.some((each) => !behind(database, each)) };
    }
    for (const [instance, { renewal }] of left) {
      const done = yield* this.write(({ followers }) => {
        if (followers.get(instance)?.renewal === renewal) followers.delete(instance);
        return true;
      });
      if (!done) return false;
    }
    return true;
  }

  private *beat(number: number): Steps {
    while (number === this.beats) {
      yield* this.write(() => true);
      yield { at: this.machine.monotonic + HEARTBEAT_EVERY_MS };
    }
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
    if (answer !== undefined && database === this.database) this.writtenAt = Math.max(this.writtenAt, monotonic);
    return answer;
  }
}

const brought = (database: Database, after: number) =>
  database.after(after).map(({ seq, subject }) => ({ epoch: database.epoch, seq, subjects: [subject] }));

const verdict = (key: Key | undefined): keyManagement.Verdict => ({
  outcome: key ? 'good' : 'unknown',
  keyId: key?.keyId ?? '',
  keyName: '',
  projectId: 'project',
  organizationId: 'organization',
  accountId: key?.accountId ?? '',
  scopes: [],
  addresses: [],
});
