import { setTimeout as pause } from 'node:timers/promises';
import { OlderLog, UnknownLog } from '../decision/errors.ts';
import type { Sql } from '../decision/event-store.ts';
import { within } from './within.ts';
import { NOT_KNOWN, readLogIdentity } from './log-health.ts';

/** What a log is proved by. */
export interface LogProofOptions {
  /** Leads to the log. */
  readonly sql: () => Sql;
  /** Asks the followers of the log whether they know more of it than it holds. @throws OlderLog when they do; any other error is no answer. */
  readonly compare: () => Promise<void>;
  /** How long nothing is judged while no follower answers, from when a server was first seen. Infinity: for as long as it takes. */
  readonly waitMs?: number;
  /** What an operator does about a log that is not whole, in a sentence. */
  readonly mend: string;
}

/** A broker that is away must not stop a platform: after this a log is believed until a follower contradicts it. */
const PROOF_WAIT_MS = 10_000;
const AGAIN_MS = 250;
const REQUEST_MS = 1_000;

/**
 * Whether a log may be judged and decided by: it is the one that its epoch was opened for, and no follower knows more of it than
 * it holds. Looked at on each new connection, and again when the server behind it has been started anew: the server put in
 * its place meanwhile may be an older copy.
 */
export class LogProof {
  private server: string | undefined;
  private seenAt = performance.now();
  private unknown: UnknownLog | undefined;
  private older: OlderLog | undefined;
  private proved = false;
  private looking: Promise<void> | undefined;
  private lookedAt = -Infinity;

  constructor(private readonly options: LogProofOptions) {}

  /** Looks through a new connection: for `openPool`. */
  readonly look = async (sql: Sql): Promise<void> => {
    const { server, is } = await readLogIdentity(sql);
    this.unknown =
      is === 'known'
        ? undefined
        : new UnknownLog(is === 'standby' ? NOT_KNOWN[is] : `${NOT_KNOWN[is]}. ${this.options.mend}`);
    if (server === this.server) return;
    this.server = server;
    this.seenAt = performance.now();
    this.older = undefined;
    this.proved = false;
    this.lookedAt = -Infinity;
  };

  /** Why nothing is judged by it at this moment; undefined when it is whole, as far as the followers know. */
  get fault(): UnknownLog | OlderLog | undefined {
    if (this.unknown ?? this.older) return this.unknown ?? this.older;
    if (this.proved || performance.now() - this.seenAt >= (this.options.waitMs ?? PROOF_WAIT_MS)) return undefined;
    return new UnknownLog(
      'this service or its database was just started, and its log has not been compared with the bus yet, which may know more of it',
    );
  }

  /** Waits a little for a look that is under way. @throws UnknownLog, OlderLog */
  async require(): Promise<void> {
    if (this.proved && !this.unknown) return;
    const looking = this.lookAgain();
    if (this.fault) await within(REQUEST_MS, () => looking).catch(() => undefined);
    this.assert();
  }

  /**
   * Waits until a follower has said whether this log is whole, or the wait for followers is over: for a replica that is about to be asked (beside a
   * replica that knows its log, one that does not would only refuse), and for what a start must write. `fault` is the answer.
   */
  async settled(withinMs = Infinity): Promise<void> {
    for (const until = performance.now() + withinMs; ;) {
      await within(Math.min(AGAIN_MS, withinMs), () => this.lookAgain()).catch(() => undefined);
      if (!this.fault || this.unknown || this.older || performance.now() >= until) return;
      await pause(AGAIN_MS, undefined, { ref: false });
    }
  }

  /** Asks without waiting: for what has just been read. @throws UnknownLog, OlderLog */
  assert(): void {
    const { fault } = this;
    if (fault) throw fault;
  }

  /** It may have been reopened, or its followers may answer now. One look at a time, and not more than four a second. */
  private lookAgain(): Promise<void> {
    if (performance.now() - this.lookedAt < AGAIN_MS) return this.looking ?? Promise.resolve();
    this.looking ??= this.compare().finally(() => {
      this.looking = undefined;
      this.lookedAt = performance.now();
    });
    return this.looking;
  }

  private async compare(): Promise<void> {
    try {
      await this.look(this.options.sql());
      const { server } = this;
      const older = await this.options.compare().then(
        () => undefined,
        (error: unknown) => {
          if (error instanceof OlderLog) return new OlderLog(`${error.message}. ${this.options.mend}`);
          throw error;
        },
      );
      // A finding about one server says nothing of the next.
      if (server !== this.server) return;
      this.older = older;
      this.proved = older === undefined;
    } catch {
      // Neither the database nor the followers answer: that is reported where they are asked themselves.
    }
  }
}
