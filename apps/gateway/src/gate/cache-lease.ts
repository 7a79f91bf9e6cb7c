import type { keyManagement } from '#contracts';
import { errorFields, LOGGER, type Logger, Peers, Problem, Time } from '#platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { VerdictCache } from './verdict-cache.ts';

const PROTOCOL = 1;
const RENEW_EVERY_MS = 1_000;
const RENEW_MS = 2_000;
const LEAVE_MS = 500;
const AGAIN_MS = 250;
const UNKNOWN_MS = 1_000;
const OFF_MS = 10_000;
const IN_FLIGHT_MAX = 4;
const RECALL_MAX = 1_000;
const CONTEXT = { correlationId: 'lease', actor: 'service:gateway' };

/** A lease as it was granted: counted from before the request for it was sent, on both clocks. */
export interface Grant {
  /** It counts once all withdrawals up to this are applied. */
  readonly upTo: number;
  readonly monotonic: number;
  readonly wall: number;
  readonly ms: number;
}

/**
 * Whether a lease lasts at this instant. endsByEitherClock: both must lie inside; the monotonic one stands still while a machine sleeps, the
 * other one can be set, forward or back.
 */
export const lasts = ({ monotonic, wall, ms }: Grant, now: { monotonic: number; wall: number }): boolean =>
  now.monotonic >= monotonic && now.monotonic - monotonic < ms && now.wall >= wall && now.wall - wall < ms;

const NONE: Grant = { upTo: 0, monotonic: 0, wall: 0, ms: 0 };

/**
 * The right to answer from memory. While this gateway holds it, a revocation waits for this gateway; so the gateway follows the withdrawals,
 * acknowledges what it has applied, and renews every second. Nothing else may decide whether a kept verdict is used.
 */
@Injectable()
export class CacheLease implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly instance = randomUUID();
  /** Of the log that it is registered with; undefined until then. */
  private epoch: number | undefined;
  /** Answers to what was sent before the latest registration are dropped. */
  private registration = 0;
  private applied = 0;
  /** How far this process has ever followed: kept while it registers anew, as a log that does not reach it is an older copy. */
  private reached: keyManagement.Floor | undefined;
  /** Withdrawals that were followed and are no longer in use: a copy may lack them. */
  private aside = new Map<string, number>();
  /** The mark of what was told last to a log that lacks it. */
  private recalled: string | undefined;
  private granted = NONE;
  private pending = NONE;
  private inFlight = 0;
  private owed = false;
  private stopRenewing: (() => void) | undefined;
  private readonly stopping = new AbortController();
  /** Ends the stream of a registration that no longer counts. */
  private lapsed = new AbortController();

  constructor(
    private readonly peers: Peers,
    private readonly cache: VerdictCache,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly time: Time,
  ) {}

  /** Whether a kept verdict may be used at this very moment: asked in the same turn as the look-up, with nothing awaited between. */
  get held(): boolean {
    return lasts(this.granted, { monotonic: this.time.monotonic(), wall: this.time.wall() });
  }

  /** The epoch that verdicts must carry to be kept; undefined: none is kept. */
  get registered(): number | undefined {
    return this.epoch;
  }

  /** How far withdrawals were followed, for every question; undefined before the first registration. */
  get known(): { readonly floor?: keyManagement.Floor } {
    return this.reached === undefined ? {} : { floor: this.reached };
  }

  onApplicationBootstrap(): void {
    this.stopRenewing = this.time.every(RENEW_EVERY_MS, () => {
      this.renew();
    });
    void this.run();
  }

  /** First it stops answering from memory, then it says so: from then on no revocation need wait for it. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    this.stopRenewing?.();
    await this.giveBack();
  }

  private async giveBack() {
    // stopsBeforeItLeaves: once the row is gone no revocation waits for this gateway.
    this.forget();
    await this.fence.leave({ instance: this.instance }, { ...CONTEXT, timeoutMs: LEAVE_MS }).catch(() => undefined);
  }

  /** The log was restored, or key-management does not know us: nothing known holds until we have registered anew. */
  forget(): void {
    this.registration++;
    this.lapsed.abort();
    this.epoch = undefined;
    this.granted = NONE;
    this.pending = NONE;
    for (const [subject, seq] of this.cache.withdrawals) this.aside.set(subject, seq);
    this.cache.clear(0);
  }

  private get fence() {
    return this.peers.of('key-management', 'Fence');
  }

  private get stopped() {
    return this.stopping.signal.aborted;
  }

  private async run() {
    let complained = false;
    while (!this.stopped) {
      try {
        if (this.epoch === undefined) await this.register();
        await this.follow();
        complained = false;
      } catch (error) {
        if (!complained && !this.stopped)
          this.logger.warn(
            errorFields(error),
            'the withdrawals cannot be followed; without a lease key-management is asked for each request',
          );
        complained = true;
        // The withdrawals after ours are forgotten there, or it speaks another protocol: either way no verdict here can be trusted.
        if (error instanceof Problem && error.code === 'request/invalid') this.forget();
        if (error instanceof Problem && error.code === 'log/older') await this.recall();
      }
      await this.time.pause(this.epoch === undefined && complained ? UNKNOWN_MS : AGAIN_MS, this.stopping.signal);
    }
  }

  private async register() {
    const registration = ++this.registration;
    const { epoch, seq, leaseMs, incarnation } = await this.fence.register(
      { protocol: PROTOCOL, ...this.known },
      { ...CONTEXT, timeoutMs: RENEW_MS },
    );
    if (leaseMs === 0) await this.time.pause(OFF_MS, this.stopping.signal);
    if (registration !== this.registration || leaseMs === 0 || this.stopped) return;
    // stampsReachBackToRegistration: of withdrawals before it nothing is known here.
    this.cache.clear(seq);
    this.aside = new Map();
    this.applied = seq;
    // A replica of the release before tells of no incarnation.
    this.reached = incarnation == null ? undefined : { incarnation, epoch, seq, mark: '' };
    this.epoch = epoch;
    this.lapsed = new AbortController();
    await this.ask(true);
  }

  /** Tells a log that is an older copy whom it does not know as withdrawn. Once: what is known of it grows no more. */
  private async recall() {
    if (!this.reached || this.recalled === this.reached.mark + this.reached.incarnation) return;
    const floor = this.reached;
    const withdrawn = [...new Map([...this.aside, ...this.cache.withdrawals])].map(([subject, seq]) => ({
      subject,
      seq,
    }));
    try {
      for (let from = 0; from < withdrawn.length; from += RECALL_MAX)
        await this.fence.recall(
          { floor, withdrawn: withdrawn.slice(from, from + RECALL_MAX) },
          { ...CONTEXT, timeoutMs: RENEW_MS },
        );
      this.recalled = floor.mark + floor.incarnation;
    } catch (error) {
      this.logger.warn(errorFields(error), 'what was withdrawn could not be told to the older copy; it is tried again');
    }
  }

  private async follow() {
    if (this.epoch === undefined) return;
    const {
      registration,
      lapsed: { signal },
    } = this;
    for await (const batch of this.fence.follow(
      { protocol: PROTOCOL, instance: this.instance, epoch: this.epoch, after: this.applied },
      { ...CONTEXT, signal },
    )) {
      if (registration !== this.registration) return;
      if (batch.epoch !== this.epoch) return this.forget();
      if (this.apply(batch)) this.renew();
    }
  }

  /** appliesWithoutGap: what leaves one waits for the next renewal, which brings what is missing. */
  private apply({ seq, subjects, mark }: keyManagement.Withdrawals): boolean {
    if (seq !== this.applied + 1) return false;
    this.cache.withdraw(subjects, seq);
    this.applied = seq;
    if (this.reached) this.reached = { ...this.reached, seq, mark: mark ?? '' };
    if (this.pending.ms > 0 && this.applied >= this.pending.upTo) this.grant(this.pending);
    return true;
  }

  /** Says at once what is applied. One that hangs holds up no other. */
  private renew() {
    if (this.epoch === undefined) return;
    this.owed = this.inFlight >= IN_FLIGHT_MAX;
    if (!this.owed)
      this.ask(false).catch((error: unknown) => {
        this.logger.debug(errorFields(error), 'a renewal of the lease failed');
      });
  }

  private async ask(registering: boolean) {
    if (this.epoch === undefined || this.stopped) return;
    const registration = this.registration;
    // leaseCountsFromSending: all are read before anything is sent.
    const [monotonic, wall, applied] = [this.time.monotonic(), this.time.wall(), this.applied];
    this.inFlight++;
    try {
      const answer = await this.fence.renew(
        { protocol: PROTOCOL, instance: this.instance, epoch: this.epoch, applied, registering, ...this.known },
        { ...CONTEXT, timeoutMs: RENEW_MS },
      );
      if (registration !== this.registration || this.stopped) return;
      if (answer.outcome === 'unknown') return this.forget();
      for (const batch of answer.withdrawals) this.apply(batch);
      this.offer({ upTo: answer.upTo, monotonic, wall, ms: answer.leaseMs });
      if (answer.leaseMs === 0) await this.giveBack();
      if (answer.withdrawals.length > 0) this.owed = true;
    } finally {
      this.inFlight--;
      if (this.owed) {
        this.owed = false;
        this.renew();
      }
    }
  }

  private offer(grant: Grant) {
    // grantCountsOnceApplied: an answer need not bring all that it is about.
    if (this.applied >= grant.upTo) this.grant(grant);
    else if (grant.monotonic > this.pending.monotonic) this.pending = grant;
  }

  private grant(grant: Grant) {
    if (grant.monotonic > this.granted.monotonic) this.granted = grant;
    if (this.pending.monotonic <= grant.monotonic) this.pending = NONE;
  }
}
