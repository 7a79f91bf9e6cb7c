import { Doorbell } from '#event-sourcing';
import { errorFields, LOGGER, type Logger, SERVICE_CONFIG, type ServiceConfig, Time } from '#platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Client, Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import type { Acknowledgement } from './fence.query.ts';

const CHANNEL = 'fence';
const WITHDRAWN = 'withdrawn';
const ACKNOWLEDGED = 'acknowledged';
const AGAIN_MS = 1_000;

/**
 * Wakes the two sides of the fence: gateways' streams when something was withdrawn, and waiting revocations when a gateway acknowledges
 * what it has applied. In this process at once, in other replicas by NOTIFY after the commit. A lost signal costs time alone:
 * both sides also look by themselves.
 */
@Injectable()
export class FenceSignals implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly replica = uuid();
  private readonly withdrawn: Doorbell;
  private readonly acknowledged: Doorbell;
  private readonly words = new Map<string, Acknowledgement>();
  private listener: Client | undefined;
  private again: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly pool: Pool,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    time: Time,
  ) {
    const later = (ms: number, call: () => void) => time.later(ms, call);
    this.withdrawn = new Doorbell(undefined, later);
    this.acknowledged = new Doorbell(undefined, later);
  }

  /** Something may have been withdrawn, and is committed. */
  withdrew(): void {
    this.withdrawn.wake();
  }

  notifyWithdrawn(): void {
    this.notify(WITHDRAWN);
  }

  get withdrawals(): number {
    return this.withdrawn.sequence;
  }

  untilWithdrawn(timeoutMs: number, since: number): Promise<boolean> {
    return this.withdrawn.waitFor(timeoutMs, since);
  }

  /** A gateway says that it has applied all up to this. Its messages may arrive in any order: each stays true, as what is applied only grows. */
  acknowledge(word: Acknowledgement): void {
    this.words.set(word.instance, word);
    this.acknowledged.wake();
  }

  /** It is written, too: other replicas can read it. */
  notifyAcknowledged(): void {
    this.notify(ACKNOWLEDGED);
  }

  /** The gateway is gone: no revocation need wait for it. */
  forget(instance: string): void {
    this.words.delete(instance);
    this.acknowledged.wake();
  }

  /** Whether a gateway's latest word is that it has applied exactly this. More may be true, too, but then the log must be asked how far it goes. */
  hasAcknowledged(instance: string, epoch: number, seq: number): boolean {
    const word = this.words.get(instance);
    return word?.epoch === epoch && word.applied === seq;
  }

  get acknowledgements(): number {
    return this.acknowledged.sequence;
  }

  /** Waits until a gateway acknowledges something, here or to another replica, or the time is over. */
  untilAcknowledged(timeoutMs: number, since: number): Promise<boolean> {
    return this.acknowledged.waitFor(timeoutMs, since);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.listen();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.again);
    await this.listener?.end().catch(() => undefined);
  }

  private notify(what: string) {
    this.pool.query('SELECT pg_notify($1, $2)', [CHANNEL, `${what} ${this.replica}`]).catch(() => undefined);
  }

  /** No `Loop`: it waits for the end of a connection, not for a time. */
  private async listen() {
    const listener = new Client({
      connectionString: this.config.databaseUrl,
      application_name: 'key-management fence',
      connectionTimeoutMillis: 2_000,
    });
    this.listener = listener;
    const lost = (error?: unknown) => {
      if (this.stopped || this.listener !== listener) return;
      this.listener = undefined;
      this.logger.warn(errorFields(error), 'other replicas cannot be heard at the fence; trying again');
      this.again = setTimeout(() => void this.listen(), AGAIN_MS).unref();
    };
    listener.on('error', lost).on('end', () => {
      lost();
    });
    listener.on('notification', ({ payload = '' }) => {
      const [what, replica] = payload.split(' ');
      if (replica !== this.replica) (what === WITHDRAWN ? this.withdrawn : this.acknowledged).wake();
    });
    try {
      await listener.connect();
      await listener.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      lost(error);
      await listener.end().catch(() => undefined);
    }
  }
}
