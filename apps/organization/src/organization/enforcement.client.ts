import { factOf } from '#bus';
import { type Handled, idOf, knownPosition, load, parseCursor, PostgresEventStore } from '#event-sourcing';
import { type CallContext, errorFields, LOGGER, type Logger, Peers, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { OrganizationConfig } from '../config.ts';
import { publish } from '../outbox.ts';
import { organization } from './organization.decider.ts';

const AGAIN_MS = 50;

type Decided = Pick<Handled<unknown, unknown>, 'streamId' | 'version'>;
type Confirm = (decided: Decided & { epoch: number }, context: CallContext) => Promise<{ confirmed: boolean }>;

/** Asks those who hold people to it whether what was decided holds. It stands in every case; false means only that it is not known to hold yet. */
@Injectable()
export class Enforcement {
  constructor(
    private readonly peers: Peers,
    private readonly store: PostgresEventStore,
    @Inject(SERVICE_CONFIG) private readonly config: OrganizationConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** At every gate, for keys. */
  atGates(decided: Decided, context: CallContext): Promise<boolean> {
    return this.holds(decided, context, (asked, within) =>
      this.peers.of('key-management', 'Gate').confirmWithdrawal(asked, within),
    );
  }

  /** For the sessions of the organization's people. */
  forSessions(decided: Decided, context: CallContext): Promise<boolean> {
    return this.holds(decided, context, (asked, within) =>
      this.peers.of('identity', 'Accounts').confirmDemands(asked, within),
    );
  }

  /** For how the organization's people sign in, and their sessions. Who they are is as much of it: a fact of somebody's joining may be late, too. */
  async forSingleSignOn(decided: Decided, context: CallContext): Promise<boolean> {
    const people = decided.streamId.replace(/^single-sign-on-/, `${organization.category}-`);
    const { version } = await load(this.store, organization, idOf(people, organization.category));
    const held = await Promise.all(
      [decided, { streamId: people, version }].map((each) =>
        this.holds(each, context, (asked, within) => this.peers.of('identity', 'SingleSignOn').confirm(asked, within)),
      ),
    );
    return held.every(Boolean);
  }

  private async holds(decided: Decided, context: CallContext, confirm: Confirm): Promise<boolean> {
    const until = performance.now() + this.config.enforceWithinMs;
    for (let left = this.config.enforceWithinMs; left > 0; left = until - performance.now()) {
      if (await this.ask(decided, { ...context, timeoutMs: Math.ceil(left) }, confirm)) return true;
      await delay(Math.min(AGAIN_MS, Math.max(0, until - performance.now())));
    }
    return false;
  }

  private async ask(decided: Decided, context: CallContext, confirm: Confirm): Promise<boolean> {
    try {
      const told = await this.lastTold(decided);
      return !told || (await confirm(told, context)).confirmed;
    } catch (error) {
      this.logger.warn(
        { ...errorFields(error), correlationId: context.correlationId },
        'a decision is not confirmed yet',
      );
      return false;
    }
  }

  /** The last event up to a version of which anybody is told: private ones reach nobody, who could never confirm them. */
  private async lastTold({ streamId, version }: Decided): Promise<(Decided & { epoch: number }) | undefined> {
    for (let at = version; at > 0; at--) {
      const [event] = await this.store.readStream(streamId, { after: at - 1, upTo: at });
      if (event && factOf(event, publish) !== 'private')
        return { streamId, version: at, epoch: parseCursor(knownPosition(event)).epoch };
    }
    return undefined;
  }
}
