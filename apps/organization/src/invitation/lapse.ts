import { type Cause, type EventStore, followUp, handle, type Tx } from '#event-sourcing';
import { invitation } from './invitation.decider.ts';
import { forget, pendingOf } from './invited-addresses.ts';

/** Whoever is no owner any more stands for nobody: what they sent lapses, for good. Under the organization's lock. */
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
