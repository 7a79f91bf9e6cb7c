import type { organization as proto } from '#contracts';
import { CallableBy, type Controller } from '#platform';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { Organizations } from '../organization/organizations.service.ts';
import { readRecord } from './record.ts';

@NestController()
export class RecordController implements Controller<proto.Record> {
  constructor(
    private readonly pool: Pool,
    private readonly organizations: Organizations,
  ) {}

  @GrpcMethod('Record')
  @CallableBy('gateway')
  async listRecord({
    callerId,
    organizationId,
    types,
    after,
    limit,
  }: proto.ListRecordRequest): Promise<proto.ListRecordResponse> {
    await this.organizations.asOwner(callerId, organizationId);
    const { items, next } = await readRecord(this.pool, organizationId, { types, after, limit });
    return {
      items: items.map(({ eventId, type, at, data }) => ({
        eventId,
        type,
        at: at.toISOString(),
        data: JSON.stringify(data),
      })),
      next,
    };
  }
}
