import type { Fact } from '#contracts';
import type { OrganizationEvent } from './organization/vocabulary.decider.ts';
import type { SingleSignOnEvent } from './single-sign-on/vocabulary.decider.ts';

/**
 * Public fact to the own event that told it. What people are sent (invitations), tokens and what an organization has shown a domain by do not come
 * back: no fact says by what they are known.
 */
export function takenBack(fact: Fact): OrganizationEvent | SingleSignOnEvent | undefined {
  switch (fact.name) {
    case 'OrganizationCreated.v1':
    case 'OrganizationRenamed.v1':
    case 'MemberJoined.v1':
    case 'MemberRoleChanged.v1':
    case 'MemberRemoved.v1':
    case 'MemberDeactivated.v1':
    case 'MemberActivated.v1':
    case 'OrganizationOrphaned.v1':
    case 'SecondFactorRequired.v1':
    case 'SecondFactorWaived.v1':
    case 'IdleTimeoutRequired.v1':
    case 'IdleTimeoutWaived.v1':
    case 'ProjectCreated.v1':
    case 'ProjectRenamed.v1':
    case 'ProjectArchived.v1':
    case 'ProjectMemberAdded.v1':
    case 'ProjectMemberRemoved.v1':
    case 'ScimTokenRevoked.v1':
    case 'ConnectionRemoved.v1': {
      const { organizationId: _, ...data } = fact.data;
      return { type: fact.name.slice(0, fact.name.indexOf('.')), data } as OrganizationEvent | SingleSignOnEvent;
    }
    default:
      return undefined;
  }
}
