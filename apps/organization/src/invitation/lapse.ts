import { type Cause, type EventStore, followUp, handle, type Tx } from '#event-sourcing';
import { invitation } from './invitation.decider.ts';
import { forget, pendingOf } from './invited-addresses.ts';

/** An owner who stops being one can no longer vouch for anybody: the invitations that they sent lapse, for good. Under the organization's lock. */
export async function lapseInvitationsOf(
  store: EventStore,
  tx: Tx,
  organizationId: string,
  inviterId: string,
  cause: Cause,
): Promise<void> {
  for (const invitationId of await pendingOf(tx, organizationId, { inviterId })) {
    await handle(store, invitation, invitationId, { type: 'LapseInvitation' }, followUp(cause));
    await forget(tx, invitationId);
  }
}
