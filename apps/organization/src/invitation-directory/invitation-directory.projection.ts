import type { Projection, RecordedEvent, Tx } from '#event-sourcing';
import type { InvitationEvent } from '../invitation/invitation.decider.ts';

/** What owners see listed of invitations; without addresses, which stand beside the log. Follows the log. */
export const invitationDirectory: Projection = {
  name: 'invitation-directory-1',
  categories: ['invitation'],
  tables: ['invitations'],
  async apply(tx, events) {
    for (const event of events as readonly RecordedEvent<InvitationEvent>[]) await row(tx, event);
  },
};

async function row(tx: Tx, { id, event }: RecordedEvent<InvitationEvent>) {
  switch (event.type) {
    case 'InvitationSent': {
      const { organizationId, role, projectIds, expiresAt } = event.data;
      await tx.query(
        `INSERT INTO invitations (invitation_id, organization_id, role, project_ids, expires_at, status) VALUES ($1, $2, $3, $4, $5, 'pending')
         ON CONFLICT (invitation_id) DO UPDATE SET expires_at = excluded.expires_at`, [id, organizationId, role, projectIds, expiresAt]);
      return;
    }
    case 'InvitationAccepted': return ended(tx, id, 'accepted');
    case 'InvitationRevoked': return ended(tx, id, 'revoked');
    case 'InvitationLapsed': return ended(tx, id, 'lapsed');
  }
}

async function ended(tx: Tx, invitationId: string, status: string) {
  await tx.query('UPDATE invitations SET status = $2 WHERE invitation_id = $1', [invitationId, status]);
}
