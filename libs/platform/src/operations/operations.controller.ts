import { Bus, InboxRunner, isParked, nextRecord, parkedList, Relay, retry, skip, skipRecord } from '#bus';
import { factKinds, type operations, type Topic } from '#contracts';
import {
  formatCursor,
  frontierAge,
  LogProof,
  LogWatch,
  PostgresEventStore,
  promises,
  readAsOf,
  TooRecent,
} from '#event-sourcing';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController, Inject, Optional } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import type { Controller, Rpc } from '../rpc/call-context.ts';
import { CallableBy } from '../rpc/caller.guard.ts';
import type { ServiceConfig } from '../base/config.ts';
import { Housekeeping } from './housekeeping.ts';
import { busTroubles, judgeService } from './service-observer.ts';
import { OwnerHistory } from '../history/owner-history.ts';
import { parse } from '../rpc/parse.ts';
import { Peers } from '../rpc/peers.ts';
import { Problem } from '../base/problem.ts';
import { sourcesOf } from '../parts/read-models.ts';
import { answerAll, type RpcStream } from '../rpc/server-stream.ts';
import { SERVICE_CONFIG, SERVICE_PARTS, type ServiceParts } from '../parts/service-parts.ts';
import { WhateverTheLog } from '../rpc/whole-log.interceptor.ts';
import { consumerLags, ofTheBus, projectionLags, relayLag } from './lag.ts';
import { explain, parkedView, shown, statesOf, tail } from './log-reading.ts';
import { masked } from './masked.ts';
import {
  logIsKnown,
  nothingIsMissed,
  nothingWaits,
  publishedIsWritten,
  readyOrSaysWhy,
  streamsAreWhole,
} from './invariants.ts';
import { buildWork, type Work } from './build-work.ts';
import { decided, operatorOf } from './operator-actions.ts';
import type { KeysController } from './keys.controller.ts';
import type { RecoveryController } from './recovery.controller.ts';

const FOLLOW_EVERY_MS = 2_000;
const LIMIT_MAX = 10_000;
const instant = z.iso
  .datetime({ offset: true, error: 'must look like 2026-01-31T12:00:00Z' })
  .transform((at) => new Date(at))
  .optional();
const span = z.object({ asOf: instant, since: instant });

/** What operators ask of this service. Each change is noted before it is made. */
@NestController()
@CallableBy('operator')
@WhateverTheLog()
export class OperationsController implements Omit<
  Controller<operations.Operations>,
  keyof RecoveryController | keyof KeysController
> {
  private readonly startedAt = new Date();
  /** Without the person keys: what is sealed stays sealed. */
  private readonly log: PostgresEventStore;

  constructor(
    private readonly pool: Pool,
    private readonly proof: LogProof,
    private readonly bus: Bus,
    private readonly relay: Relay,
    private readonly watch: LogWatch,
    private readonly peers: Peers,
    private readonly housekeeping: Housekeeping,
    @Inject(SERVICE_PARTS) private readonly parts: ServiceParts,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
    @Optional() @Inject(InboxRunner) private readonly inbox: InboxRunner | undefined,
  ) {
    this.log = new PostgresEventStore(pool);
  }

  @GrpcMethod('Operations')
  async getStatus(): Promise<operations.Status> {
    const [counts, head, outbox, projections, consumers, frontier, { followers, doubt }] = await Promise.all([
      this.counts(),
      this.log.head(),
      relayLag(this.pool, this.parts.service),
      projectionLags(this.pool),
      ofTheBus(() => consumerLags(this.pool, this.bus)),
      frontierAge(this.pool),
      promises(this.pool),
    ]);
    const { reasons } = await judgeService({ pool: this.pool, log: this.proof, relay: this.relay, inbox: this.inbox });
    return {
      service: this.parts.service,
      startedAt: this.startedAt.toISOString(),
      state: reasons.length === 0 ? 'ready' : 'not-ready',
      // This stops no request, but an operator has to mend it.
      reasons: [...reasons, ...busTroubles(this.relay, consumers)],
      events: counts.events,
      streams: counts.streams,
      epoch: counts.epoch,
      head: formatCursor(head),
      outbox: {
        state: this.relay.state,
        position: outbox?.position ?? '',
        behindEvents: outbox?.events ?? 0,
        behindSeconds: outbox?.seconds ?? 0,
      },
      lags: [...('told' in consumers ? consumers.told : []), ...projections],
      parked: { failed: counts.failed, gap: counts.gap, waiting: counts.waiting, skipped: counts.skipped },
      housekeeping: this.housekeeping.states.map(({ name, everySeconds, idleSeconds }) => ({
        name,
        everySeconds,
        idleSeconds,
      })),
      factKinds: Object.keys(factKinds),
      promotion: { standbys: followers, ...(doubt === undefined ? {} : { doubt }) },
      clockSkewMs: Date.now() - counts.now.getTime(),
      frontierAgeMs: frontier.ageMs,
      ...(frontier.blocker
        ? {
            frontierBlocker: `${frontier.blocker.application || 'process'} ${frontier.blocker.pid} in ${frontier.blocker.database}`,
          }
        : {}),
    };
  }

  @GrpcMethod('Operations')
  async readStream({ streamId, version, asOf }: operations.ReadStreamRequest): Promise<operations.StreamReading> {
    const { asOf: at } = parse(span, { asOf });
    const events = at === undefined ? await this.stream(streamId, version) : await this.streamAt(streamId, at);
    const states = statesOf(events, this.parts.deciders ?? []);
    return {
      streamId,
      version: events.at(-1)?.version ?? 0,
      events: events.map((event) => shown(event, this.parts.service)),
      ...(states ? { state: JSON.stringify(masked(states.at(-1))) } : {}),
    };
  }

  @GrpcMethod('Operations')
  async explainField({ streamId, field }: operations.ExplainFieldRequest): Promise<operations.FieldExplanation> {
    const found = explain(await this.stream(streamId), this.parts.deciders ?? [], field);
    if (!found)
      throw new Problem(
        'request/invalid',
        'Nobody here knows how the events of this category become a state. "streams show" has the events themselves.',
      );
    const { event, ...rest } = found;
    return { ...rest, ...(event ? { event: shown(event, this.parts.service) } : {}) };
  }

  @GrpcMethod('Operations')
  tailEvents(
    { types, accountId, since, follow, limit }: operations.TailEventsRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<operations.Event> {
    const wanted = {
      types,
      accountId,
      since: parse(span, { since }).since,
      limit: Math.min(limit > 0 ? limit : 20, LIMIT_MAX),
    };
    const next = async (cursor: Parameters<LogWatch['after']>[0]) => {
      await this.watch.after(cursor, AbortSignal.timeout(FOLLOW_EVERY_MS));
      return !call.cancelled;
    };
    return answerAll(call, this.shownOf(tail(this.pool, wanted, follow ? next : undefined)));
  }

  @GrpcMethod('Operations')
  async listParked({ streamId, skipped }: operations.ListParkedRequest): Promise<operations.ListParkedResponse> {
    const items = await parkedList(this.pool, { ...(streamId === undefined ? {} : { streamId }), skipped });
    return { items: items.map(parkedView) };
  }

  @GrpcMethod('Operations')
  async retryParked(
    request: operations.ParkedRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<operations.ParkedResponse> {
    const { streamId } = request;
    return {
      changed: (await decided(this.pool, call, request, 'parked retry', streamId))
        ? await retry(this.pool, streamId)
        : await isParked(this.pool, streamId),
    };
  }

  @GrpcMethod('Operations')
  async skipParked(
    request: operations.ParkedRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<operations.ParkedResponse> {
    const { streamId, reason } = request;
    const history = new OwnerHistory(this.peers, this.parts.service).stream;
    return {
      changed: (await decided(this.pool, call, request, 'parked skip', streamId))
        ? await skip(this.pool, streamId, reason, history)
        : await isParked(this.pool, streamId),
    };
  }

  @GrpcMethod('Operations')
  async skipRecord(
    request: operations.SkipRecordRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<operations.SkipRecordResponse> {
    const { service } = this.parts;
    const { topic, partition, offset } = request;
    const [at, where] = [{ topic: topic as Topic, partition }, `${topic}/${partition}@${offset}`];
    const record = await nextRecord(this.pool, this.bus, service, at, offset);
    if (!record)
      throw new Problem(
        'request/invalid',
        `${service} does not stand at ${where}. "rollcall status" says where it stands still.`,
      );
    if (
      (await decided(this.pool, call, request, 'inbox skip', where)) &&
      !(await skipRecord(this.pool, service, at, offset, record))
    )
      throw new Problem('request/invalid', `${service} has gone on from ${where} meanwhile.`);
    return { streamId: record.key, type: record.type, data: JSON.stringify(masked(record.data)) };
  }

  @GrpcMethod('Operations')
  checkInvariants(
    { rebuild }: operations.CheckInvariantsRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<operations.Finding> {
    return answerAll(call, this.findings(rebuild, operatorOf(call)));
  }

  private async *findings(rebuild: boolean, who: string): AsyncGenerator<operations.Finding> {
    const { service } = this.parts;
    yield await logIsKnown(this.proof, service);
    yield await streamsAreWhole(this.pool);
    yield await publishedIsWritten(this.pool);
    const history = new OwnerHistory(this.peers, service);
    if (this.inbox) yield await nothingIsMissed(this.pool, service, this.inbox.topics, history);
    if (rebuild)
      for (const { name } of sourcesOf(this.parts, service, history)) yield await this.equalsRebuild(name, who);
    yield readyOrSaysWhy(this.relay, this.inbox);
    yield await nothingWaits(this.pool);
  }

  /** I2: a read model equals a fresh build of it. */
  private async equalsRebuild(name: string, who: string): Promise<operations.Finding> {
    const { service, definedIn } = this.parts;
    for await (const said of buildWork(
      { action: 'verify', name, service: service as Work['service'], definedIn, who },
      this.config,
    )) {
      if (!('outcome' in said)) continue;
      const { equal = false, differences = [] } = said.outcome;
      return {
        invariant: 'I2',
        outcome: equal ? 'ok' : 'fail',
        says: equal
          ? `${name} equals a fresh build`
          : `${name} differs from a fresh build in ${differences.map(({ table, rows, keys }) => `${rows} rows of ${table} (${keys.slice(0, 3).join('; ')})`).join(', ')}`,
        next: equal ? '' : `rollcall projections rebuild ${name}`,
      };
    }
    throw new Error(`${name} was not compared`);
  }

  private async stream(streamId: string, version?: number) {
    const events = await this.log.readStream(streamId, version === undefined ? {} : { upTo: version });
    if (events.length === 0)
      throw new Problem(
        'stream/unknown',
        `${this.parts.service} has no stream ${streamId}${version === undefined ? '' : ' up to that version'}.`,
      );
    return events;
  }

  private async streamAt(streamId: string, at: Date) {
    const { events } = await readAsOf(this.log, this.pool, streamId, { at }).catch((error: unknown) => {
      throw error instanceof TooRecent ? new Problem('request/invalid', `${error.message}.`) : error;
    });
    if (events.length === 0)
      throw new Problem('stream/unknown', `${this.parts.service} had no stream ${streamId} then.`);
    return events;
  }

  private async *shownOf(events: AsyncIterable<Parameters<typeof shown>[0]>): AsyncGenerator<operations.Event> {
    for await (const event of events) yield shown(event, this.parts.service);
  }

  private async counts() {
    const { rows } = await this.pool.query<
      Record<'events' | 'streams' | 'epoch' | 'failed' | 'gap' | 'waiting' | 'skipped', number> & { now: Date }
    >(
      `SELECT clock_timestamp() AS now, (SELECT coalesce(sum(version), 0)::bigint FROM streams) AS events, (SELECT count(*) FROM streams) AS streams, (SELECT epoch FROM log_meta) AS epoch,
              count(*) FILTER (WHERE state = 'failed') AS failed, count(*) FILTER (WHERE state = 'gap') AS gap,
              count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'skipped') AS skipped FROM parked`,
    );
    const row = rows[0];
    if (!row) throw new Error('PostgreSQL counted nothing');
    return row;
  }
}
