import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { HealthImplementation } from 'grpc-health-check';
import { Pool } from 'pg';

const LOOK_EVERY_MS = 2_000;

/** Ready or not, by the gRPC health protocol: serving while the database answers. */
@Injectable()
export class ServiceHealth implements OnModuleDestroy {
  readonly implementation = new HealthImplementation({ '': 'NOT_SERVING' });
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly pool: Pool) {}

  /** Begins to look; called when the service answers. */
  async begin(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.implementation.setStatus('', 'NOT_SERVING');
  }

  private async look() {
    const serving = await this.pool.query('SELECT 1').then(() => true, () => false);
    this.implementation.setStatus('', serving ? 'SERVING' : 'NOT_SERVING');
  }
}
