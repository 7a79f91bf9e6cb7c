import type { DeliveredFact, Inbox } from '#bus';
import type { EventStore, Tx } from '#event-sourcing';
import { Injectable } from '@nestjs/common';
import { projectNames } from './project-names/project-names.projection.ts';

/** The only way in from the bus: names of projects. No fact about keys or accounts touches a job. */
@Injectable()
export class JobQueueInbox implements Inbox {
  readonly topics = ['organization.organizations'] as const;

  async receive(facts: readonly DeliveredFact[], { sql }: { store: EventStore; sql: Tx }): Promise<void> {
    await projectNames.apply(sql, facts);
  }
}
