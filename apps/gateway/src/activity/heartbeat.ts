import { hostname } from 'node:os';
import type { inactivity } from '#contracts';
import { Loop } from '#event-sourcing';
import { Clock, errorFields, LOGGER, type Logger, Peers, ringsOf, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { GatewayConfig } from '../config.ts';
import { Activity } from './activity.ts';
import { Memory } from './memory.ts';
import { Journal, type Predecessor } from './journal.ts';

const EVERY_MS = 5_000;
const BATCH_MAX = 500;
const LOOK_EVERY_MS = 2_000;
const ALL_ADDRESSES = ['0.0.0.0', '::'];
const CONTEXT = { correlationId: 'heartbeat', actor: 'service:gateway', timeoutMs: 2_000 };

/** What inactivity-policy was told last: when by the real clock, when by the product's, and whether records were kept. */
interface LastReport {
  readonly real: number;
  readonly product: number;
  readonly keeping: boolean;
}

/**
 * Reports to inactivity-policy every 5 s: up to when this process has recorded all activity it saw, how it is, and that it leaves.
 * A process that ends without that report leaves a gap. No account is suspended until the next process in its folder has delivered what was kept, or
 * an operator closes the gap.
 */
@Injectable()
export class Heartbeat implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly instance = uuid();
  private lastReport: LastReport | undefined;
  private readonly looking = new Loop(() => this.look(), {
    alarm: (error) => {
      this.logger.error(errorFields(error), 'what this gateway saw could not be told; it is tried again');
    },
    firstMs: LOOK_EVERY_MS,
  });
  private readonly journal: Journal | undefined;

  constructor(
    private readonly activity: Activity,
    private readonly peers: Peers,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly memory: Memory,
    @Inject(SERVICE_CONFIG)
    private readonly config: Pick<GatewayConfig, 'stateFolder' | 'host' | 'port' | 'installationKey'>,
  ) {
    const { stateFolder } = config;
    this.journal = stateFolder === undefined ? undefined : new Journal(stateFolder, this.instance);
    activity.journal = this.journal;
  }

  /** Before the first request, so that what this process sees is waited for. */
  async onApplicationBootstrap(): Promise<void> {
    await this.look();
    this.looking.start();
  }

  /** The servers are closed: this process answers no more requests. */
  async onApplicationShutdown(): Promise<void> {
    await this.looking.stop();
    await this.activity.writeKept();
    if (this.activity.keptCount === 0 && (await this.beat(true))) this.journal?.remove();
    else
      this.logger.error(
        { kept: this.activity.keptCount },
        'activity could not be recorded to the end: nobody is suspended until the next gateway in its folder has told it, or an operator closes the gap (rollcall inactivity gaps)',
      );
  }

  /** Says nothing any more, not even that it leaves. */
  fallSilent(): void {
    void this.looking.stop();
  }

  private async look(): Promise<number> {
    await this.speakForTheDead();
    await this.activity.writeKept();
    if (this.isDue()) await this.beat();
    return LOOK_EVERY_MS;
  }

  /** Every 5 s; at once when the product's clock was moved, when records begin to be kept or no longer are, and after a beat that was not heard. */
  private isDue(): boolean {
    const { lastReport: said } = this;
    if (!said || said.keeping !== this.activity.keptCount > 0) return true;
    return performance.now() - said.real >= EVERY_MS || Math.abs(this.clock.now().getTime() - said.product) >= EVERY_MS;
  }

  /** The journal of a killed process holds every record that it had not delivered; once they are delivered, the process counts as having left. */
  private async speakForTheDead() {
    try {
      for (const dead of this.journal?.predecessors() ?? []) await this.speakFor(dead);
    } catch (error) {
      this.logger.warn(errorFields(error), 'what a killed gateway kept could not be told; it is tried again');
    }
  }

  private async speakFor({ instance, activities, whole, forget }: Predecessor) {
    for (let n = 0; n < activities.length; n += BATCH_MAX)
      await this.policy.recordActivity({ activities: activities.slice(n, n + BATCH_MAX) }, CONTEXT);
    if (whole)
      await this.policy.heartbeat(
        { instance, watermark: this.clock.now().toISOString(), kept: 0, leaving: true, standing: undefined },
        CONTEXT,
      );
    forget();
  }

  private get policy() {
    return this.peers.of('inactivity-policy', 'Inactivity');
  }

  private get standing(): inactivity.GatewayStanding {
    const { host, port } = this.config;
    return {
      // All addresses of a machine are told apart from another's by its name.
      address: `${ALL_ADDRESSES.includes(host) ? hostname() : host}:${port}`,
      startedAt: new Date(performance.timeOrigin).toISOString(),
      leased: this.memory.leased,
      keys: this.memory.keys,
      rings: ringsOf(this.config.installationKey),
    };
  }

  private async beat(leaving = false): Promise<boolean> {
    const kept = this.activity.keptCount;
    const saying = { real: performance.now(), product: this.clock.now().getTime(), keeping: kept > 0 };
    try {
      await this.policy.heartbeat(
        {
          instance: this.instance,
          watermark: this.activity.watermark().toISOString(),
          kept,
          leaving,
          standing: this.standing,
        },
        CONTEXT,
      );
      this.lastReport = saying;
      return true;
    } catch (error) {
      this.lastReport = undefined;
      this.logger.warn(errorFields(error), 'inactivity-policy did not hear this gateway; it is told again');
      return false;
    }
  }
}
