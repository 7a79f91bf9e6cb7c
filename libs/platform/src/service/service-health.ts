import { InboxRunner, Relay } from '#bus';
import { LogProof, Loop } from '#event-sourcing';
import { Inject, Injectable, type OnModuleDestroy, Optional } from '@nestjs/common';
import { HealthImplementation } from 'grpc-health-check';
import { Pool } from 'pg';
import { judgeService } from '../operations/service-observer.ts';

const LOOK_EVERY_MS = 2_000;

/** Ready or not, by the gRPC health protocol: serving while the database answers, and nothing stands still that an operator must mend. */
@Injectable()
export class ServiceHealth implements OnModuleDestroy {
  readonly implementation = new HealthImplementation({ '': 'NOT_SERVING' });
  private readonly looking = new Loop(() => this.look(), {
    alarm: () => {
      this.say(false);
    },
    firstMs: LOOK_EVERY_MS,
  });

  constructor(
    private readonly pool: Pool,
    private readonly log: LogProof,
    private readonly relay: Relay,
    @Optional() @Inject(InboxRunner) private readonly inbox: InboxRunner | undefined,
  ) {}

  /** Begins to look; called when the service answers. */
  async begin(): Promise<void> {
    await this.look();
    this.looking.start();
  }

  onModuleDestroy(): void {
    void this.looking.stop();
    this.implementation.setStatus('', 'NOT_SERVING');
  }

  private async look(): Promise<number> {
    const { ready } = await judgeService({ pool: this.pool, log: this.log, relay: this.relay, inbox: this.inbox });
    this.say(ready);
    return LOOK_EVERY_MS;
  }

  /** A look that ends when the service is leaving says nothing any more. */
  private say(ready: boolean) {
    if (!this.looking.signal.aborted) this.implementation.setStatus('', ready ? 'SERVING' : 'NOT_SERVING');
  }
}
