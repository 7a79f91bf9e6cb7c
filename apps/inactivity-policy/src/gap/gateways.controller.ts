import type { inactivity } from '#contracts';
import { type Cause, handle, PostgresEventStore } from '#event-sourcing';
import { CallableBy, causeOf, Clock, type Controller, parse, Problem, type Rpc } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { z } from 'zod';
import { Sweeping } from '../dormancy/sweeping.service.ts';
import { notAhead } from '../not-ahead.ts';
import { gap } from './gap.decider.ts';
import {
  type Gap,
  type Gateway,
  hear,
  lockGap,
  openGaps,
  standingGateways,
  stopWaiting,
} from '../gateways/gateways.ts';

const heartbeat = z
  .object({
    instance: z.uuid(),
    watermark: z.iso.datetime({ offset: true }).transform((at) => new Date(at)),
    kept: z.int().min(0),
    leaving: z.boolean(),
    standing: z
      .object({
        address: z.string().max(300),
        startedAt: z.iso.datetime({ offset: true }).transform((at) => new Date(at)),
        leased: z.boolean(),
        keys: z.int().min(0),
        rings: z.array(z.string().max(1_000)).max(20).default([]),
      })
      // A field that is absent in a message arrives as null.
      .nullish()
      .transform((standing) => standing ?? undefined),
  })
  .refine(({ kept, leaving }) => !(leaving && kept > 0), {
    path: ['leaving'],
    message: 'is for a gateway that keeps nothing: what it keeps would be lost',
  });
const closing = z
  .object({ instance: z.uuid(), reason: z.string().trim().max(500), apply: z.boolean() })
  .refine(({ reason, apply }) => !apply || reason !== '', {
    path: ['reason'],
    message: 'says why nothing is waited for: it is kept as evidence',
  });

/** Three of its beats, by the database's clock: one that is slow once is not hung. */
const SILENT_SECONDS = 15;
/** The release before beats every 30 s, and does not say how it stands. */
const SILENT_SECONDS_BEFORE = 90;

/** Which gateways report activity, up to when, and what happens to those that fell silent. */
@NestController()
export class GatewaysController implements Pick<
  Controller<inactivity.Inactivity>,
  'heartbeat' | 'listGaps' | 'listGateways' | 'closeGap'
> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly sweeping: Sweeping,
  ) {}

  @GrpcMethod('Inactivity')
  @CallableBy('gateway')
  async heartbeat(request: inactivity.HeartbeatRequest): Promise<inactivity.HeartbeatResponse> {
    const said = parse(heartbeat, request);
    notAhead(this.clock, [['/watermark', said.watermark]]);
    await hear(this.pool, said);
    return {};
  }

  @GrpcMethod('Inactivity')
  @CallableBy('operator')
  async listGaps(): Promise<inactivity.ListGapsResponse> {
    return { gaps: (await openGaps(this.pool)).map(view) };
  }

  @GrpcMethod('Inactivity')
  @CallableBy('operator')
  async listGateways(): Promise<inactivity.ListGatewaysResponse> {
    return { gateways: (await standingGateways(this.pool)).map(gatewayView) };
  }

  /** An account that this lets go is suspended for good: so the decision and who took it are in the log before it has any effect. */
  @GrpcMethod('Inactivity')
  @CallableBy('operator')
  async closeGap(request: inactivity.CloseGapRequest, _metadata: Metadata, call: Rpc): Promise<inactivity.Gap> {
    const { instance, reason, apply } = parse(closing, request);
    if (!apply) return view(await this.store.transact(async (_inside, tx) => known(await lockGap(tx, instance))));
    const closed = await this.close(instance, reason, causeOf(call, this.clock));
    this.sweeping.wake();
    return view(closed);
  }

  private close(instance: string, reason: string, cause: Cause): Promise<Gap> {
    return this.store.transact(async (inside, tx) => {
      const found = known(await lockGap(tx, instance));
      if (found.closedAt) return found;
      await handle(
        inside,
        gap,
        instance,
        {
          type: 'CloseGap',
          since: found.since.toISOString(),
          kept: found.kept,
          reason,
          closedBy: cause.actor,
          closedAt: cause.at.toISOString(),
        },
        cause,
      );
      await stopWaiting(tx, instance, cause.at);
      return { ...found, closedAt: cause.at };
    });
  }
}

function known(found: Gap | undefined): Gap {
  if (found) return found;
  throw new Problem(
    'gap/unknown',
    'No gap of this gateway waits for anybody: it is heard, has left, or has been silent for less than 5 minutes. "rollcall inactivity gaps" names those that do.',
  );
}

const gatewayView = ({ standing, heardAt, silentSeconds, ...rest }: Gateway): inactivity.Gateway => ({
  ...rest,
  state: silentSeconds > (standing ? SILENT_SECONDS : SILENT_SECONDS_BEFORE) ? 'silent' : 'ready',
  standing: standing && { ...standing, rings: [...standing.rings], startedAt: standing.startedAt.toISOString() },
  heardAt: heardAt.toISOString(),
  silentSeconds,
});

const view = ({ instance, since, heardAt, kept, closedAt }: Gap): inactivity.Gap => ({
  instance,
  since: since.toISOString(),
  heardAt: heardAt.toISOString(),
  kept,
  ...(closedAt ? { closedAt: closedAt.toISOString() } : {}),
});
