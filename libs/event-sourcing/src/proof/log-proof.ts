import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { BackOff } from '../log/back-off.ts';
import { Loop } from '../log/loop.ts';
import { within } from '../log/within.ts';
import { OlderLog, sqlState, UnknownLog } from '../decision/errors.ts';
import type { Sql } from '../decision/event-store.ts';
import { isListed, isStrict, judgeMove, type Move, type MoveEvidence, type Witness } from './evidence.ts';
import { type Promised, Ring } from './ring.ts';
import type { Branch, WitnessFile } from './witness-file.ts';
import {
  beat,
  confirm,
  deny,
  goOn,
  incarnations,
  isCopied,
  join,
  leave,
  missing,
  newestOf,
  type Standing,
  standingOf,
  type WriterRow,
  writers,
} from './writer.sql.ts';

/** What a log is proved by. */
export interface LogProofOptions {
  /** Leads to the log. */
  readonly sql: () => Sql;
  /** What the bus knows of the log: `beside` where it knows no more, but lies in the same cluster and so moves with it. Rejects while it does not answer. */
  readonly bus: () => Promise<Exclude<Witness, 'silent'> | 'beside'>;
  /** Names outside of the database what was acknowledged last. */
  readonly file?: WitnessFile;
  /** Whether a file alone is not enough. */
  readonly busRequired?: boolean;
  /** What an operator does about a log that is not whole, in a sentence. */
  readonly mend: string;
  /** How long it waits for what; its own times unless given. */
  readonly waits?: Partial<typeof WAITS>;
  /** Told when a log is gone on with on another server, and why. */
  readonly tell?: (because: string) => void;
}

interface Beat extends Standing {
  /** Whether the log has the last heartbeat of this process: of one whose answer was lost it may have the next, too. */
  readonly known: boolean;
}

const WAITS = {
  /** Between heartbeats: what was promised since the last one is kept in memory. */
  beatMs: 1_000,
  /** Processes that wrote beside this one say whether they have what they were promised. */
  othersMs: 3_000,
  /** A broker that is away must not stop a service that was started anew: then a log that is proved on its server is believed until somebody contradicts it. */
  busMs: 10_000,
};
const AGAIN_MS = 250;
const REQUEST_MS = 1_000;
const WITNESS_MS = 2_000;
/** After this a process whose row was tidied away does not take that for a sign. */
const REMEMBERED_MS = 86_400_000;

const STANDBY = 'the database is a standby, which takes no writes and may lag behind: point the service at the primary';
const NOT_LOOKED = 'this service was just started, and its log has not been looked at yet';

/**
 * Whether a log may be judged and decided by. On the server that it was proved on it is; on another one (started anew, promoted, put back)
 * somebody must have found there all that was promised: the processes that live, or witnesses outside. Each append and verdict compares
 * inside its own statement; this class finds out, says so for all, and is asked before and after everything else.
 */
export class LogProof {
  readonly instance = randomUUID();
  private readonly ring = new Ring();
  private fact: 'whole' | UnknownLog | OlderLog = new UnknownLog(NOT_LOOKED);
  /** The server on which this process knows that it has lost nothing. */
  private stamp: string | undefined;
  private readonly startedAt = performance.now();
  /** Whether witnesses outside of the database were asked since this process began. */
  private compared = false;
  private joined = false;
  /** The incarnation whose newest event this process has named in the file. */
  private named: string | undefined;
  private branch: Branch | undefined;
  /** The reopening that this process knows of. */
  private reopened = 0;
  private beats = { acknowledged: 0, at: performance.now() };
  private movedAt: number | undefined;
  private looking: Promise<void> | undefined;
  private lookedAt = -Infinity;
  /** Whether others may still say that they know more. */
  private pending: (() => Promise<boolean>) | undefined;
  private readonly loop: Loop;
  private readonly waits: typeof WAITS;

  constructor(private readonly options: LogProofOptions) {
    this.waits = { ...WAITS, ...options.waits };
    this.loop = new Loop(
      async () => {
        await this.look();
        return this.fact === 'whole' ? this.waits.beatMs : AGAIN_MS;
      },
      // That the database does not answer is reported where it is asked.
      { alarm: () => undefined, backOff: new BackOff(AGAIN_MS, 4 * AGAIN_MS) },
    );
  }

  /** Who may know more than any witness, and denies a log that lacks it: waited for until they answer false, where no process has lived. */
  ask(pending: () => Promise<boolean>): void {
    this.pending = pending;
  }

  /** Heartbeats from now on. */
  start(): void {
    this.loop.start();
  }

  /** The last heartbeat: whoever left cleanly is not waited for, and has lost nothing. */
  async stop(): Promise<void> {
    await this.loop.stop();
    if (this.joined) await leave(this.options.sql(), this.instance).catch(() => undefined);
  }

  /** Why nothing is judged by it at this moment; undefined when it is whole. */
  get fault(): UnknownLog | OlderLog | undefined {
    return this.fact === 'whole' ? undefined : this.fact;
  }

  /** An append was acknowledged to this process. */
  note(events: readonly Promised[]): void {
    this.ring.note(events);
  }

  /** Names events outside of the database before anybody hears of them: what must not come back even if all machines stop at once. */
  async keep(events: readonly Promised[]): Promise<void> {
    if (this.branch) await this.options.file?.keep(this.branch, events);
  }

  /** The newest epoch that the file names: a log that is reopened begins behind it. */
  async heardOf(): Promise<number> {
    return Math.max(0, ...((await this.options.file?.read()) ?? []).map(({ epoch }) => epoch));
  }

  /** Waits a little for a look that is under way. @throws UnknownLog, OlderLog */
  async require(): Promise<void> {
    if (this.fact === 'whole') return;
    await within(REQUEST_MS, () => this.lookAgain()).catch(() => undefined);
    this.assert();
  }

  /** Waits until it is known whether the log is whole: for a replica that is about to be asked, and for what a start must write. `fault` is the answer. */
  async settled(withinMs = Infinity): Promise<void> {
    for (const until = performance.now() + withinMs; ;) {
      await within(Math.min(WITNESS_MS, withinMs), () => this.lookAgain()).catch(() => undefined);
      if (this.fact === 'whole' || this.fact instanceof OlderLog || performance.now() >= until) return;
      await pause(AGAIN_MS, undefined, { ref: false });
    }
  }

  /** Asks without waiting: for what has just been read. @throws UnknownLog, OlderLog */
  assert(): void {
    const { fault } = this;
    if (fault) throw fault;
  }

  /** A statement was refused by the log's own check: nothing is judged before it is known why. */
  doubt(): void {
    if (this.fact === 'whole') this.fact = new UnknownLog(BEING_LOOKED_AT);
    this.lookedAt = -Infinity;
    this.loop.ring();
  }

  /** A new connection leads to a server: nothing is judged before it is known to be the same. For `openPool`. */
  readonly meet = async (sql: Sql): Promise<void> => {
    const { stamp, proved, older } = await standingOf(sql, this.instance);
    if (older === null && stamp !== null && stamp === proved && stamp === this.stamp) return;
    this.doubt();
  };

  /** Somebody knows more of the log than it holds: until it is reopened nothing is judged by it, in any process. */
  async deny(reason: string): Promise<void> {
    this.fact = this.older(reason);
    await deny(this.options.sql(), reason);
  }

  /** It may have been reopened, or witnesses may answer now. One look at a time, and not more than four a second. */
  private lookAgain(): Promise<void> {
    if (performance.now() - this.lookedAt < AGAIN_MS) return this.looking ?? Promise.resolve();
    return this.look().catch(() => undefined);
  }

  private look(): Promise<void> {
    this.looking ??= this.turn().finally(() => {
      this.looking = undefined;
      this.lookedAt = performance.now();
    });
    return this.looking;
  }

  private async turn(): Promise<void> {
    const sql = this.options.sql();
    let standing: Beat;
    try {
      standing = await this.heartbeat(sql);
    } catch (error) {
      // A standby takes no heartbeat.
      if (sqlState(error) !== '25006') throw error;
      this.fact = new UnknownLog(STANDBY);
      return;
    }
    this.branch = standing;
    this.fact = await this.judged(sql, standing);
    if (this.fact !== 'whole') {
      this.movedAt ??= performance.now();
      return;
    }
    this.movedAt = undefined;
    if (this.named !== standing.incarnation) await this.name(sql, standing);
  }

  /** Also a log that nothing is written to for long is known by its file when everything is started again. */
  private async name(sql: Sql, branch: Branch): Promise<void> {
    const { file } = this.options;
    if (!file) return;
    const newest = await newestOf(sql);
    if (newest) file.remember(branch, newest);
    else file.begin(branch);
    this.named = branch.incarnation;
  }

  private async heartbeat(sql: Sql): Promise<Beat> {
    if (!this.joined) {
      const standing = await standingOf(sql, this.instance);
      if (standing.stamp === null) return { ...standing, known: false };
      this.reopened = standing.reopened;
      await join(sql, this.instance);
      this.joined = true;
    }
    this.ring.begin();
    const { newest } = this.ring;
    const tried = this.beats.acknowledged + 1;
    const standing = await beat(sql, this.instance, this.beats.acknowledged, tried);
    const counted =
      standing.older === null &&
      standing.stamp !== null &&
      standing.stamp === standing.proved &&
      standing.stamp === standing.confirmed;
    const known = standing.beats !== null && standing.beats >= this.beats.acknowledged && standing.beats <= tried;
    if (counted && known) {
      this.ring.acknowledged();
      this.beats = { acknowledged: tried, at: performance.now() };
      if (newest) this.options.file?.remember(standing, newest);
    }
    return { ...standing, known };
  }

  private async judged(sql: Sql, standing: Beat): Promise<'whole' | UnknownLog | OlderLog> {
    const { stamp, proved, older } = standing;
    if (stamp === null) return new UnknownLog(STANDBY);
    if (older !== null) return this.older(older);
    if (standing.reopened > this.reopened) this.begin(standing.reopened);
    if (!this.joined) return new UnknownLog(NOT_LOOKED);
    if (!standing.known) {
      if (performance.now() - this.beats.at < REMEMBERED_MS)
        return this.denied(
          sql,
          'the log lacks the last heartbeat of a process that writes to it: the database is an older copy',
        );
      this.begin(standing.reopened);
      return new UnknownLog(NOT_LOOKED);
    }
    if (this.stamp !== stamp && (this.stamp !== undefined || proved === stamp)) {
      // Also where somebody else has proved the server: what was promised to this process must be there all the same.
      const lost = await missing(sql, this.ring.all);
      if (lost > 0)
        return this.denied(sql, `the log lacks ${lost} events that were acknowledged: the database is an older copy`);
      await this.know(sql, stamp);
    }
    if (proved !== stamp) return this.prove(sql, standing);
    return this.compared ? 'whole' : this.compare(sql, standing);
  }

  /** Of a process that has just started: a database may be put back while its server runs, and then its server says nothing. */
  private async compare(sql: Sql, standing: Standing): Promise<'whole' | UnknownLog | OlderLog> {
    const busRequired = this.options.busRequired === true;
    const outside = await this.outside(sql, 'first', standing);
    const { is, because } = judgeMove({ move: 'first', writers: [], ...outside, copied: false, busRequired });
    if (is === 'older') return this.older(because);
    if (is !== 'whole' && (busRequired || performance.now() - this.startedAt < this.waits.busMs))
      return new UnknownLog(because);
    this.compared = true;
    return 'whole';
  }

  /** On this server nothing is missing that was promised to this process. */
  private async know(sql: Sql, stamp: string): Promise<void> {
    await confirm(sql, this.instance, stamp);
    this.stamp = stamp;
  }

  /** As a process that was just started. */
  private begin(reopened: number) {
    this.reopened = reopened;
    this.ring.forget();
    this.stamp = undefined;
    this.joined = false;
    this.beats = { acknowledged: 0, at: performance.now() };
  }

  private async prove(sql: Sql, standing: Standing): Promise<'whole' | UnknownLog | OlderLog> {
    const move = moveOf(standing);
    const rows = await writers(sql);
    if (move !== 'foreign' && this.mustWaitFor(rows, standing)) return new UnknownLog(BEING_ASKED);
    const [outside, copied] = await Promise.all([this.outside(sql, move, standing), isCopied(sql)]);
    const evidence: MoveEvidence = {
      move,
      writers: rows
        .filter(({ instance }) => instance !== this.instance || this.stamp !== undefined)
        .map((row) => ofWriter(row, standing)),
      ...outside,
      copied,
      busRequired: this.options.busRequired === true,
    };
    if (this.stamp === undefined && (await this.pending?.()) === true) return new UnknownLog(BEING_ASKED);
    const judgement = judgeMove(evidence);
    if (judgement.is === 'older') return this.older(judgement.because);
    if (judgement.is === 'person') return new UnknownLog(`${judgement.because}. ${this.options.mend}`);
    if (judgement.is === 'wait') return new UnknownLog(judgement.because);
    if (!(await goOn(sql, standing.proved, { ...evidence, because: judgement.because })))
      return new UnknownLog(BEING_ASKED);
    const after = await standingOf(sql, this.instance);
    if (after.stamp === null || after.proved !== after.stamp || after.older !== null)
      return new UnknownLog(BEING_ASKED);
    await this.know(sql, after.stamp);
    this.compared = true;
    this.options.tell?.(judgement.because);
    return 'whole';
  }

  /** Processes that live look for themselves within a second or two. */
  private mustWaitFor(rows: readonly WriterRow[], { stamp }: Standing): boolean {
    const silent = rows.some(
      ({ instance, confirmed, left }) => instance !== this.instance && !left && confirmed !== stamp,
    );
    return silent && performance.now() - (this.movedAt ?? performance.now()) < this.waits.othersMs;
  }

  private async outside(sql: Sql, move: Move, standing: Standing): Promise<Pick<MoveEvidence, 'bus' | 'file'>> {
    const [bus, file] = await Promise.all([this.bus(move), this.file(sql, standing)]);
    return { bus, file };
  }

  private async bus(move: Move): Promise<Witness> {
    const says = await within(WITNESS_MS, () => this.options.bus()).catch(() => 'silent' as const);
    // A log from before there were proofs has nothing else to go by.
    if (says === 'beside') return move === 'first' ? 'none' : 'silent';
    return says;
  }

  private async file(sql: Sql, { incarnation, reopened }: Standing): Promise<Witness> {
    const all = (await this.options.file?.read()) ?? [];
    if (all.length === 0) return 'silent';
    // What was named before a reopening is accepted as lost, whichever copy it was in; what was named before a promotion was looked for then.
    const named = all.filter(({ epoch }) => epoch >= reopened);
    const own = await incarnations(sql);
    if (named.some((each) => !own.has(each.incarnation))) return 'ahead';
    return (await missing(
      sql,
      named.filter((each) => each.incarnation === incarnation && each.version > 0),
    )) > 0
      ? 'ahead'
      : 'none';
  }

  private async denied(sql: Sql, reason: string): Promise<OlderLog> {
    await deny(sql, reason);
    return this.older(reason);
  }

  private older(reason: string): OlderLog {
    return new OlderLog(`${reason}. ${this.options.mend}`);
  }
}

const BEING_LOOKED_AT = 'the database server was started anew or replaced, and its copy of the log is being looked at';
const BEING_ASKED =
  'the database server was started anew or replaced, and those who wrote to its log are being asked whether it has all that they were promised';

/** What became of the server, by its name for itself. */
function moveOf({ stamp, proved, identifier, timeline }: Standing): Move {
  const [here = '', line = ''] = (stamp ?? '').split(' ');
  const now = Number.parseInt(line, 16);
  if (here !== identifier || now < timeline) return 'foreign';
  if (now > timeline) return 'promoted';
  return proved === null ? 'first' : 'restarted';
}

const ofWriter = ({ confirmed, left, standbys, commits }: WriterRow, { stamp, cluster }: Standing) => ({
  state: confirmed === stamp ? ('lived' as const) : left ? ('left' as const) : ('died' as const),
  strict: isStrict(standbys, commits),
  listed: isListed(standbys, cluster),
});
