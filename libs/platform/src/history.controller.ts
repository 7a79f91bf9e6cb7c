import type { history } from '#contracts';
import { PostgresEventStore } from '#event-sourcing';
import { publishedStream } from '#bus';
import { Controller as NestController, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Controller } from './call-context.ts';
import { CallableBy } from './caller.guard.ts';
import { SERVICE_PARTS, type ServiceParts } from './service-parts.ts';

/** Every owner tells its published facts to those who cannot wait for the bus. */
@NestController()
export class HistoryController implements Controller<history.History> {
  constructor(private readonly store: PostgresEventStore, @Inject(SERVICE_PARTS) private readonly parts: ServiceParts) {}

  @GrpcMethod('History')
  @CallableBy('identity', 'organization', 'key-management', 'inactivity-policy', 'job-queue', 'mailer')
  async readStream({ streamId, afterVersion }: history.ReadStreamRequest): Promise<history.ReadStreamResponse> {
    const messages = await publishedStream({ store: this.store, publish: this.parts.publish, service: this.parts.service, streamId, afterVersion });
    return { facts: messages.map(({ key, data, ...rest }) => ({ ...rest, streamId: key, data: JSON.stringify(data) })) };
  }
}
