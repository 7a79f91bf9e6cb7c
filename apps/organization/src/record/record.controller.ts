import type { organization as proto } from '#contracts';
import { isUuid } from '#event-sourcing';
import { CallableBy, type Controller } from '#platform';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { membersAmong, projectNames } from '../organization/organization-directory.query.ts';
import { Organizations } from '../organization/organizations.service.ts';
import { readRecord, type Recorded } from './record.ts';

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
    actorId,
    ...part
  }: proto.ListRecordRequest): Promise<proto.ListRecordResponse> {
    await this.organizations.asOwner(callerId, organizationId);
    const { items, next } = await readRecord(this.pool, organizationId, {
      ...part,
      actor: actorId == null ? undefined : `account:${actorId}`,
    });
    const named = [...new Set(items.flatMap(idsIn))];
    const [memberIds, projects] = await Promise.all([
      membersAmong(this.pool, organizationId, named),
      projectNames(this.pool, organizationId, named),
    ]);
    return {
      items: items.map(({ eventId, type, at, data, actor }) => ({
        eventId,
        type,
        at: at.toISOString(),
        data: JSON.stringify(data),
        ...(actor === null ? {} : { actor }),
      })),
      next,
      memberIds,
      projects,
    };
  }
}

/** Whatever an item names by an id. */
const idsIn = ({ data, actor }: Recorded): string[] =>
  [...Object.values(data as Record<string, unknown>), actor?.replace(/^account:/, '')].filter(isUuid);
