import type { Projection, RecordedEvent, Tx } from '#event-sourcing';
import type { OrganizationEvent } from '../organization/vocabulary.decider.ts';

/** Which organization a project or a member belongs to: written in the transaction of the events themselves, so that nothing is sought in vain. */
export const places: Projection = {
  name: 'places-1',
  categories: ['organization'],
  tables: ['project_places', 'member_places'],
  async apply(tx, events) {
    for (const event of events as readonly RecordedEvent<OrganizationEvent>[]) await row(tx, event);
  },
};

async function row(tx: Tx, { id, event }: RecordedEvent<OrganizationEvent>) {
  switch (event.type) {
    case 'OrganizationCreated': await member(tx, event.data.ownerId, id); return;
    case 'MemberJoined': await member(tx, event.data.accountId, id); return;
    case 'MemberRemoved': await tx.query('DELETE FROM member_places WHERE account_id = $1 AND organization_id = $2', [event.data.accountId, id]); return;
    case 'ProjectCreated': await tx.query('INSERT INTO project_places (project_id, organization_id) VALUES ($1, $2)', [event.data.projectId, id]); return;
    case 'OrganizationRenamed': case 'MemberRoleChanged': case 'MemberSuspended': case 'MemberReactivated': case 'OrganizationOrphaned':
    case 'ProjectRenamed': case 'ProjectArchived': case 'ProjectMemberAdded': case 'ProjectMemberRemoved':
  }
}

const member = (tx: Tx, accountId: string, organizationId: string) => tx.query('INSERT INTO member_places (account_id, organization_id) VALUES ($1, $2)', [accountId, organizationId]);
