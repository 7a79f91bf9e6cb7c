import type { DeliveredFact, Inbox } from '#bus';
import type { EventStore, Tx } from '#event-sourcing';
import { Injectable } from '@nestjs/common';

/** The only way in from the bus: names of projects. No fact about keys or accounts touches a job. */
@Injectable()
export class JobQueueInbox implements Inbox {
  readonly topics = ['organization.organizations'] as const;

  async receive(facts: readonly DeliveredFact[], { sql }: { store: EventStore; sql: Tx }): Promise<void> {
    for (const { name, data } of facts) {
      if (name !== 'ProjectCreated.v1' && name !== 'ProjectRenamed.v1') continue;
      await sql.query('INSERT INTO projects (project_id, name) VALUES ($1, $2) ON CONFLICT (project_id) DO UPDATE SET name = excluded.name', [data.projectId, data.name]);
    }
  }
}
