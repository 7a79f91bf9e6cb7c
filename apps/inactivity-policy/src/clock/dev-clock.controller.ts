import type { inactivity } from '#contracts';
import { handle, PostgresEventStore } from '#event-sourcing';
import { CallableBy, causeOf, Clock, type Controller, DevClock, parse, Problem, type Rpc } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { z } from 'zod';
import { Sweeping } from '../dormancy/sweeping.service.ts';
import { clock as decider } from './clock.decider.ts';
import { INSTALLATION, restoreClock } from './restore-clock.ts';

const YEARS_10 = 315_360_000;
const advance = z.object({ seconds: z.int().min(1).max(YEARS_10) });

@NestController()
export class DevClockController implements Controller<inactivity.DevClock> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly clock: Clock,
    private readonly sweeping: Sweeping,
  ) {}

  @GrpcMethod('DevClock')
  @CallableBy('gateway')
  async advanceClock(
    request: inactivity.AdvanceClockRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<inactivity.ClockReading> {
    this.requireDevClock();
    const { seconds } = parse(advance, request);
    await handle(
      this.store,
      decider,
      INSTALLATION,
      { type: 'AdvanceClock', seconds, machine: new Date().toISOString() },
      causeOf(call, this.clock),
    );
    const reading = await this.read();
    this.sweeping.wake();
    return reading;
  }

  @GrpcMethod('DevClock')
  @CallableBy('gateway')
  readClock(): Promise<inactivity.ClockReading> {
    this.requireDevClock();
    return this.read();
  }

  private async read(): Promise<inactivity.ClockReading> {
    const offsetMs = await restoreClock(this.store, this.clock);
    return { now: this.clock.now().toISOString(), offsetMs };
  }

  private requireDevClock() {
    if (!(this.clock instanceof DevClock))
      throw new Problem(
        'caller/not-permitted',
        'The clock of this installation is the real one. It can be moved in development only (ROLLCALL_DEV=1).',
      );
  }
}
