import { rowProjection, table } from '#event-sourcing';
import type { InvitationEvent } from './invitation.decider.ts';

const INVITATIONS = table(
  'invitations',
  {
    invitation_id: 'uuid',
    organization_id: 'uuid',
    role: 'text',
    project_ids: 'uuid[]',
    expires_at: 'timestamptz',
    status: 'text',
  },
  'invitation_id',
);

/** What owners see listed of invitations; without addresses, which stand beside the log. Follows the log. */
export const invitationDirectory = rowProjection<InvitationEvent>({
  name: 'invitation-directory-1',
  categories: ['invitation'],
  tables: [INVITATIONS],
  change(rows, { id, event }) {
    const invitation = { invitation_id: id };
    switch (event.type) {
      // Only a pending one is sent again, and it stays as it was sent first but for its end.
      case 'InvitationSent': {
        const { organizationId, role, projectIds, expiresAt } = event.data;
        rows.put(INVITATIONS, {
          ...invitation,
          organization_id: organizationId,
          role,
          project_ids: projectIds,
          expires_at: expiresAt,
          status: 'pending',
        });
        return;
      }
      case 'InvitationAccepted':
        rows.patch(INVITATIONS, invitation, { status: 'accepted' });
        return;
      case 'InvitationRevoked':
        rows.patch(INVITATIONS, invitation, { status: 'revoked' });
        return;
      case 'InvitationLapsed':
        rows.patch(INVITATIONS, invitation, { status: 'lapsed' });
    }
  },
});
