import { z } from 'zod';
import { fact } from './fact.ts';

const id = z.uuid();
const topic = 'organization.organizations';
const role = z.enum(['owner', 'member']);
const A = '01890a5d-ac96-774b-bcce-b302099a8057';
const B = '01890a5d-ac96-774b-bcce-b302099a8058';
const C = '01890a5d-ac96-774b-bcce-b302099a8059';

/** What organization tells the others. All but invitations are on the stream of their organization, so their order holds. */
export const organizationFacts = {
  'OrganizationCreated.v1': fact({
    name: 'OrganizationCreated.v1',
    topic,
    says: 'The organization exists and this account owns it.',
    schema: z.object({ organizationId: id, name: z.string(), ownerId: id }),
    example: { organizationId: A, name: 'Personal', ownerId: B },
  }),
  'OrganizationRenamed.v1': fact({
    name: 'OrganizationRenamed.v1',
    topic,
    says: 'The organization goes by this name.',
    schema: z.object({ organizationId: id, name: z.string() }),
    example: { organizationId: A, name: 'Acme' },
  }),
  'MemberJoined.v1': fact({
    name: 'MemberJoined.v1',
    topic,
    says: 'The account is a member of the organization in this role.',
    schema: z.object({ organizationId: id, accountId: id, role }),
    example: { organizationId: A, accountId: B, role: 'member' },
  }),
  'MemberRoleChanged.v1': fact({
    name: 'MemberRoleChanged.v1',
    topic,
    says: 'The member has this role from now on.',
    schema: z.object({ organizationId: id, accountId: id, role }),
    example: { organizationId: A, accountId: B, role: 'owner' },
  }),
  'MemberRemoved.v1': fact({
    name: 'MemberRemoved.v1',
    topic,
    says: 'The account is no longer in the organization nor in any project of it; its keys there are gone for good.',
    schema: z.object({ organizationId: id, accountId: id, reason: z.enum(['left', 'removed']) }),
    example: { organizationId: A, accountId: B, reason: 'left' },
  }),
  'MemberDeactivated.v1': fact({
    name: 'MemberDeactivated.v1',
    topic,
    says: "The member is shut out of this organization and no key of theirs works in it, for this reason: the organization's provider says so, or it takes no guests. Each reason stands until it is lifted itself; elsewhere the account goes on.",
    schema: z.object({ organizationId: id, accountId: id, reason: z.enum(['provider', 'guest']) }),
    example: { organizationId: A, accountId: B, reason: 'provider' },
  }),
  'MemberActivated.v1': fact({
    name: 'MemberActivated.v1',
    topic,
    says: 'The member is no longer shut out for this reason; without another, their keys in the organization work again.',
    schema: z.object({ organizationId: id, accountId: id, reason: z.enum(['provider', 'guest']) }),
    example: { organizationId: A, accountId: B, reason: 'provider' },
  }),
  'OrganizationOrphaned.v1': fact({
    name: 'OrganizationOrphaned.v1',
    topic,
    says: 'The organization has active members but no active owner; an operator must decide.',
    schema: z.object({ organizationId: id }),
    example: { organizationId: A },
  }),
  'SecondFactorRequired.v1': fact({
    name: 'SecondFactorRequired.v1',
    topic,
    says: "From this instant on the organization's people need a second factor. Said again, the newer instant counts.",
    schema: z.object({ organizationId: id, from: z.iso.datetime() }),
    example: { organizationId: A, from: '2026-01-08T00:00:00.000Z' },
  }),
  'SecondFactorWaived.v1': fact({
    name: 'SecondFactorWaived.v1',
    topic,
    says: 'The organization asks for no second factor any more.',
    schema: z.object({ organizationId: id }),
    example: { organizationId: A },
  }),
  'IdleTimeoutRequired.v1': fact({
    name: 'IdleTimeoutRequired.v1',
    topic,
    says: "The sessions of the organization's people end when nobody is there.",
    schema: z.object({ organizationId: id }),
    example: { organizationId: A },
  }),
  'IdleTimeoutWaived.v1': fact({
    name: 'IdleTimeoutWaived.v1',
    topic,
    says: 'The organization leaves it to its people whether their sessions end when nobody is there.',
    schema: z.object({ organizationId: id }),
    example: { organizationId: A },
  }),
  'ProjectCreated.v1': fact({
    name: 'ProjectCreated.v1',
    topic,
    says: 'The project exists and this account is in it.',
    schema: z.object({ organizationId: id, projectId: id, name: z.string(), accountId: id }),
    example: { organizationId: A, projectId: B, name: 'First project', accountId: C },
  }),
  'ProjectRenamed.v1': fact({
    name: 'ProjectRenamed.v1',
    topic,
    says: 'The project goes by this name.',
    schema: z.object({ organizationId: id, projectId: id, name: z.string() }),
    example: { organizationId: A, projectId: B, name: 'Chemistry' },
  }),
  'ProjectArchived.v1': fact({
    name: 'ProjectArchived.v1',
    topic,
    says: 'No key of the project works any more.',
    schema: z.object({ organizationId: id, projectId: id }),
    example: { organizationId: A, projectId: B },
  }),
  'ProjectMemberAdded.v1': fact({
    name: 'ProjectMemberAdded.v1',
    topic,
    says: 'The account may work in the project and make keys for it.',
    schema: z.object({ organizationId: id, projectId: id, accountId: id }),
    example: { organizationId: A, projectId: B, accountId: C },
  }),
  'ProjectMemberRemoved.v1': fact({
    name: 'ProjectMemberRemoved.v1',
    topic,
    says: 'The account is no longer in the project; its keys there are gone for good.',
    schema: z.object({ organizationId: id, projectId: id, accountId: id }),
    example: { organizationId: A, projectId: B, accountId: C },
  }),
  'InvitationSent.v1': fact({
    name: 'InvitationSent.v1',
    topic,
    says: 'An invitation waits for an answer; a link may be mailed to the address that organization holds. Sent again, the older link is dead.',
    schema: z.object({ organizationId: id, invitationId: id, inviterId: id }),
    example: { organizationId: A, invitationId: B, inviterId: C },
  }),
} as const;
