import type { organization as proto } from '#contracts';
import { Refused } from '#event-sourcing';
import { organizationUnknown } from './members.decider.ts';
import type { Organization, OrganizationStatus } from './vocabulary.decider.ts';

/** The organization as one of its members sees it. @throws Refused for strangers. */
export function organizationView(organizationId: string, state: Organization, callerId: string): proto.Organization {
  const member = state.status === 'standing' ? state.members.get(callerId) : undefined;
  if (state.status !== 'standing' || !member) throw new Refused(organizationUnknown);
  const status = member.deactivated.length > 0 ? 'deactivated' : 'active';
  return { organizationId, name: state.name, role: member.role, demands: demandsOf(state), status };
}

/** What an organization asks of its people. */
export const demandsOf = ({ secondFactorFrom, idleTimeout }: OrganizationStatus): proto.Demands => ({
  ...(secondFactorFrom === undefined ? {} : { secondFactorFrom }),
  idleTimeout,
});
