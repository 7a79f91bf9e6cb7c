import type { Edit } from './edited.ts';

/** A rule that the promise stands on, whose code keeps it, and how that code would look without it. */
export interface Rule {
  readonly of: 'gateway' | 'key-management';
  readonly edits: readonly Edit[];
}

const gate = (file: string, from: string, to: string): Edit => ({ file: `apps/gateway/src/gate/${file}`, from, to });
const keys = (file: string, from: string, to: string): Edit => ({ file: `apps/key-management/src/${file}`, from, to });

/** One by one. Each is quoted by its name where the code keeps it; the specs break it there and must see the promise broken. */
export const RULES = {
  /** A grant counts once the gateway has applied the seq that came with it. */
  grantCountsOnceApplied: {
    of: 'gateway',
    edits: [
      gate(
        'cache-lease.ts',
        'if (this.applied >= grant.upTo) this.grant(grant);',
        'if (this.applied >= 0) this.grant(grant);',
      ),
    ],
  },
  /** A lease is counted from the moment the gateway sent its request. */
  leaseCountsFromSending: {
    of: 'gateway',
    edits: [
      gate(
        'cache-lease.ts',
        'upTo: answer.upTo, monotonic, wall,',
        'upTo: answer.upTo, monotonic: this.time.monotonic(), wall: this.time.wall(),',
      ),
    ],
  },
  /** Look-up and lease comparison are one run: nothing happens between them. */
  judgedInOneRun: {
    of: 'gateway',
    edits: [
      gate(
        'key-gate.ts',
        'const kept = this.lease.held ? this.cache.find(digest) : undefined;',
        `const kept = undefined;
    const found = this.cache.find(digest);
    if (found) return new Promise<void>((go) => { this.time.soon(go); }).then(() => (this.lease.held ? this.use(found, address) : this.lookUp(digest, address)));`,
      ),
      gate('key-gate.ts', '    time: Time,', '    private readonly time: Time,'),
    ],
  },
  /** No request joins a call that was already sent. */
  batchClosesWhenItLeaves: {
    of: 'gateway',
    edits: [
      gate('coalesce.ts', 'if (open?.questions === questions) open = undefined;', ''),
      gate(
        'coalesce.ts',
        '.finally(back)',
        '.finally(() => { if (open?.questions === questions) open = undefined; back(); })',
      ),
    ],
  },
  /** A verdict whose stamp is below an applied withdrawal of its subject is void where it is kept. */
  oldVerdictIsNotKept: {
    of: 'gateway',
    edits: [gate('verdict-cache.ts', 'if (kept === undefined || this.stands(kept)) return kept;', 'return kept;')],
  },
  /** ... and not used for those who wait for it. */
  oldVerdictIsNotUsed: {
    of: 'gateway',
    edits: [gate('key-gate.ts', 'else if (this.cache.stands(found)) {', 'else {')],
  },
  /** A lease ends by the clock that says so first: one stands still while a machine sleeps, the other one can be set. */
  endsByEitherClock: {
    of: 'gateway',
    edits: [gate('cache-lease.ts', ' && now.wall >= wall && now.wall - wall < ms;', ' && now.wall >= 0 && wall >= 0;')],
  },
  /** Withdrawals are applied without a gap: what leaves one waits for what is missing. */
  appliesWithoutGap: {
    of: 'gateway',
    edits: [
      gate('cache-lease.ts', 'if (seq !== this.applied + 1) return false;', 'if (seq <= this.applied) return false;'),
    ],
  },
  /** A gateway knows of no withdrawal before it registered, so it believes no verdict that was stamped before. */
  stampsReachBackToRegistration: {
    of: 'gateway',
    edits: [gate('cache-lease.ts', 'this.cache.clear(seq);', 'this.cache.clear(0);')],
  },
  /** A gateway that stops gives its row back after the last use of its cache. */
  stopsBeforeItLeaves: {
    of: 'gateway',
    edits: [
      gate(
        'cache-lease.ts',
        '    this.forget();\n    await this.fence.leave({ instance: this.instance }, { ...CONTEXT, timeoutMs: LEAVE_MS }).catch(() => undefined);',
        '    await this.fence.leave({ instance: this.instance }, { ...CONTEXT, timeoutMs: LEAVE_MS }).catch(() => undefined);\n    this.forget();',
      ),
    ],
  },
  /** Renewal: the row takes the greatest `applied`, so a late renewal takes nothing back. */
  appliedOnlyGrows: {
    of: 'key-management',
    edits: [keys('fence/fence.query.ts', 'SET applied = greatest(f.applied, $3)', 'SET applied = $3')],
  },
  /** Registration: no server writes an `applied` that the gateway did not send. */
  gatewayNamesItsApplied: {
    of: 'key-management',
    edits: [
      keys(
        'fence/fence.query.ts',
        'SELECT $1, $2, $3, fence.lease_ms',
        'SELECT $1, $2, greatest($3, fence.seq), fence.lease_ms',
      ),
    ],
  },
  /** Revocation waits on its own monotonic clock, and for no time that stands in the database. */
  waitsOnOwnClock: {
    of: 'key-management',
    edits: [
      keys('fence/fence.ts', 'const from = this.time.monotonic();', 'const from = this.time.wall();'),
      keys(
        'fence/fence.ts',
        `let left = until - this.time.monotonic();
      waiting.length > 0 && left > 0;
      left = until - this.time.monotonic()`,
        `let left = until - this.time.wall();
      waiting.length > 0 && left > 0;
      left = until - this.time.wall()`,
      ),
    ],
  },
  /** It waits for longer than a lease: clocks drift by up to 1 % in either direction. */
  waitAllowsForDrift: {
    of: 'key-management',
    edits: [
      keys(
        'fence/fence.ts',
        'leaseMs * DRIFT + Math.max(MARGIN_MIN_MS, leaseMs / 1_000)',
        '0 * DRIFT * MARGIN_MIN_MS + leaseMs',
      ),
    ],
  },
  /** A revocation that changes nothing waits, too: the process that made the change may have died while it waited. */
  repeatedOneWaits: {
    of: 'key-management',
    edits: [
      keys(
        'key/keys.controller.ts',
        'await this.fence.settled();\n    stop();',
        "if (found.status !== 'revoked') await this.fence.settled();\n    stop();",
      ),
    ],
  },
  /** The followers are read after the commit. */
  followersReadAfterCommit: {
    of: 'key-management',
    edits: [
      keys(
        'key/keys.controller.ts',
        `    tellSeen(
      call,
      await handle(
        this.store,
        key,
        keyId,
        { type: 'RevokeKey', reason: 'requested'`,
        `    const settled = this.fence.settled();
    settled.catch(() => undefined);
    tellSeen(
      call,
      await handle(
        this.store,
        key,
        keyId,
        { type: 'RevokeKey', reason: 'requested'`,
      ),
      keys('key/keys.controller.ts', 'await this.fence.settled();\n    stop();', 'await settled;\n    stop();'),
    ],
  },
  /** A row is given up on only as it was read: a gateway that renewed since is alive and holds a lease. */
  deletesOnlyAsRead: {
    of: 'key-management',
    edits: [keys('fence/fence.ts', 'instance = $1 AND renewal = $2', 'instance = $1 AND $2::bigint > 0')],
  },
  /** A row that was deleted and comes back counts on from where no row has been: else it is taken for the one that was read. */
  renewalsNeverRepeat: {
    of: 'key-management',
    edits: [
      keys(
        'fence/fence.query.ts',
        '(instance, epoch, applied, lease_ms) SELECT $1, $2, $3, fence.lease_ms',
        '(instance, epoch, applied, renewal, lease_ms) SELECT $1, $2, $3, 1, fence.lease_ms',
      ),
      keys(
        'fence/fence.query.ts',
        "SET applied = greatest(f.applied, $3), renewal = nextval('renewals')",
        'SET applied = greatest(f.applied, $3), renewal = f.renewal + 1',
      ),
      keys(
        'fence/fence.query.ts',
        "SET epoch = excluded.epoch, renewal = nextval('renewals')",
        'SET epoch = excluded.epoch, renewal = f.renewal + 1',
      ),
    ],
  },
  /** Seq is the order of commits: taken under a lock that is held until then. */
  seqIsCommitOrder: {
    of: 'key-management',
    edits: [
      {
        file: 'libs/event-sourcing/src/log/postgres-event-store.ts',
        from: "await client.query('BEGIN');",
        to: `await client.query('BEGIN');\n      await client.query("SELECT nextval('taken_early')");`,
      },
      keys(
        'fence/withdrawals.ts',
        'UPDATE fence SET seq = seq + 1 RETURNING seq',
        "UPDATE fence SET seq = greatest(seq, currval('taken_early')) RETURNING currval('taken_early') AS seq",
      ),
    ],
  },
  /** In a new epoch everybody counts as a holder for the time of a lease. */
  newEpochWaits: {
    of: 'key-management',
    edits: [keys('fence/fence.ts', 'if (settled_epoch >= epoch) return;', 'if (settled_epoch >= 0) return;')],
  },
  /** Key-management answers whether a key works only while a write of its own was acknowledged lately: an old primary can still be read. */
  answersOnlyIfItCanWrite: {
    of: 'key-management',
    edits: [keys('key-gate/gate.controller.ts', 'await this.primary.require();', '')],
  },
  /** ... counted from when that write was sent: its acknowledgement may have lain somewhere. */
  writeCountsFromSending: {
    of: 'key-management',
    edits: [
      keys(
        'key-gate/primary-check.ts',
        'this.sentAt = sentAt;',
        'this.sentAt = Math.max(sentAt, this.time.monotonic());',
      ),
    ],
  },
  /** Key-management reads seq before it reads the key: the stamp never claims more than was seen. */
  stampedBeforeReading: {
    of: 'key-management',
    edits: [
      keys(
        'key-gate/gate.controller.ts',
        '    const now = await standing(this.pool);\n    await this.floors.compare(floor, now);\n',
        '',
      ),
      keys(
        'key-gate/gate.controller.ts',
        '    await this.primary.require();',
        '    const now = await standing(this.pool);\n    await this.primary.require();',
      ),
    ],
  },
} satisfies Record<string, Rule>;
export type RuleName = keyof typeof RULES;
