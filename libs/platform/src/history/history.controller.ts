import type { history } from '#contracts';
import { parseCursor, PostgresEventStore } from '#event-sourcing';
import { type Message, publishedHistory, publishedStream, publishedUpTo } from '#bus';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import type { Observable } from 'rxjs';
import type { Controller } from '../rpc/call-context.ts';
import { ANY_SERVICE, CallableBy } from '../rpc/caller.guard.ts';
import { Clock } from '../base/clock.ts';
import { answerAll, type RpcStream } from '../rpc/server-stream.ts';
import { SERVICE_PARTS, type ServiceParts } from '../parts/service-parts.ts';

/** Every owner tells its published facts to those who cannot wait for the bus. */
@NestController()
export class HistoryController implements Controller<history.History> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    @Inject(SERVICE_PARTS) private readonly parts: ServiceParts,
  ) {}

  @GrpcMethod('History')
  @CallableBy(ANY_SERVICE)
  async readStream({
    streamId,
    afterVersion,
    afterEpoch,
  }: history.ReadStreamRequest): Promise<history.ReadStreamResponse> {
    const messages = await publishedStream({
      store: this.store,
      publish: this.parts.publish,
      service: this.parts.service,
      streamId,
      after: { epoch: afterEpoch, version: afterVersion },
    });
    return { facts: messages.map(told) };
  }

  @GrpcMethod('History')
  @CallableBy(ANY_SERVICE, 'operator')
  eventHistory(
    { topics, types, afterPosition }: history.EventHistoryRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<history.PublishedFact> {
    return answerAll(call, this.all(topics, types, afterPosition));
  }

  @GrpcMethod('History')
  @CallableBy(ANY_SERVICE)
  async publishedUpTo(): Promise<history.PublishedUpToResponse> {
    const upTo = await publishedUpTo({
      sql: this.pool,
      store: this.store,
      service: this.parts.service,
      now: this.clock.now(),
    });
    return upTo ? { upTo: upTo.toISOString() } : {};
  }

  /** Without the person keys: a fact holds nothing personal, and opening every envelope would take most of the time. */
  private async *all(
    topics: readonly string[],
    types: readonly string[],
    afterPosition: string,
  ): AsyncGenerator<history.PublishedFact> {
    const { publish, service } = this.parts;
    const history = publishedHistory({
      store: new PostgresEventStore(this.pool),
      publish,
      service,
      topics,
      types,
      ...(afterPosition === '' ? {} : { after: parseCursor(afterPosition) }),
    });
    for await (const messages of history) yield* messages.map(told);
  }
}

const told = ({ key, data, ...rest }: Message): history.PublishedFact => ({
  ...rest,
  streamId: key,
  data: JSON.stringify(data),
});
