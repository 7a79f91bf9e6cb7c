import { type EventStore, load, refuse, Refused } from '#event-sourcing';
import { enforcedOf } from './connections.decider.ts';
import { singleSignOn } from './single-sign-on.decider.ts';
import type { SingleSignOn } from './vocabulary.decider.ts';

/** How an organization's people sign in, as its stream says now. */
export const findSingleSignOn = async (store: EventStore, organizationId: string): Promise<SingleSignOn> =>
  (await load(store, singleSignOn, organizationId)).state;

const breakGlassNeeded = refuse(
  'single-sign-on/break-glass-needed',
  'While single sign-on is enforced, this owner is the one who gets in when the provider does not answer. Choose another owner for that first.',
);

/** Whoever gets in without the provider stays an owner. Under the organization's lock. @throws Refused */
export async function requireNotBreakGlass(
  store: EventStore,
  organizationId: string,
  accountId: string,
): Promise<void> {
  const enforced = enforcedOf(await findSingleSignOn(store, organizationId));
  if (enforced?.settings.breakGlassAccountId === accountId) throw new Refused(breakGlassNeeded);
}
