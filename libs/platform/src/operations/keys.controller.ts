import type { operations } from '#contracts';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { Clock } from '../base/clock.ts';
import type { ServiceConfig } from '../base/config.ts';
import { SERVICE_CONFIG, SERVICE_PARTS, type ServiceParts } from '../parts/service-parts.ts';
import type { Controller, Rpc } from '../rpc/call-context.ts';
import { CallableBy } from '../rpc/caller.guard.ts';
import { WhateverTheLog } from '../rpc/whole-log.interceptor.ts';
import { ringsOf } from '../tokens/key-ring.ts';
import { decided } from './operator-actions.ts';
import { sealedBefore } from './resealing.ts';

/** Which keys this process knows, by their names, and what still rests on older ones. The rings themselves are changed where they are kept. */
@NestController()
@CallableBy('operator')
@WhateverTheLog()
export class KeysController implements Pick<Controller<operations.Operations>, 'rotateKey'> {
  private readonly began: Date;

  constructor(
    private readonly pool: Pool,
    clock: Clock,
    @Inject(SERVICE_PARTS) private readonly parts: ServiceParts,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
  ) {
    this.began = clock.now();
  }

  @GrpcMethod('Operations')
  async rotateKey(request: operations.RotateKeyRequest, _metadata: Metadata, call: Rpc): Promise<operations.Keys> {
    await decided(this.pool, call, request, 'secrets rotate', `${request.purpose} ${request.step}`);
    const { sealed = [], rings = [], checkedBefore } = this.parts;
    const resting = await Promise.all([
      ...sealed.map(async (rows) => ({
        purpose: rows.purpose,
        what: rows.table,
        rows: await sealedBefore(rows, this.pool),
      })),
      ...(checkedBefore
        ? [checkedBefore(this.pool, this.began).then((rows) => ({ purpose: 'checks', what: 'keys', rows }))]
        : []),
    ]);
    return {
      startedAt: this.began.toISOString(),
      rings: [...ringsOf(this.config.installationKey), ...rings],
      resting: resting.filter(({ purpose, rows }) => purpose === request.purpose && rows > 0),
    };
  }
}
