import { type PersistentMap, refuse } from '#event-sourcing';
import type {
  AdmitMember,
  ChangeActivity,
  ChangeRole,
  Leave,
  Member,
  OrganizationEvent,
  RemoveMember,
  SettleGuests,
  OrganizationStatus,
} from './vocabulary.decider.ts';

/** A stranger hears the same as of an organization that does not exist. */
export const organizationUnknown = refuse('organization/unknown', 'You have no organization with this id.');
export const ownerRequired = refuse(
  'organization/owner-required',
  'Only owners may do this. Ask an owner of the organization to do it, or to make you one.',
);
export const memberUnknown = refuse(
  'member/unknown',
  'The organization has no member with this id. Invite them first.',
);
/** Whoever shut them out lets them in again; elsewhere they go on. */
export const memberDeactivated = refuse(
  'member/deactivated',
  'This organization is closed to you: its identity provider says that you are not active there, or it takes no guests. Ask an owner of it; your other organizations stay open.',
);
/** Said to a person who joins without it, and to an owner who asks others for what he has not. */
export const secondFactorMissing = (why: string) =>
  refuse('organization/second-factor-required', `${why} Turn multi-factor authentication on for your account first.`);
const lastOwner = refuse(
  'organization/last-owner',
  'This would leave the organization without an active owner. Make another member an owner first.',
);
const lapsed = refuse(
  'link/unknown',
  'This invitation was used, has expired, was replaced or withdrawn. Ask for a new one.',
);

/** Why a member may not do what owners do; undefined for owners. */
export function unlessOwner(state: OrganizationStatus, by: string) {
  return unlessMember(state, by) ?? (state.members.get(by)?.role === 'owner' ? undefined : ownerRequired);
}

/** Why an organization is closed to an account; undefined where it is open. */
export function unlessMember(state: OrganizationStatus, by: string) {
  const member = state.members.get(by);
  if (!member) return organizationUnknown;
  return member.deactivated.length > 0 ? memberDeactivated : undefined;
}

/** Whether a member can do anything here now. */
export const isActive = ({ suspended, deactivated }: Member): boolean => !suspended && deactivated.length === 0;

/** Whether an owner's word counts here: that of an invitation, say, until they are none any more or shut out. */
export function speaksAsOwner({ members }: OrganizationStatus, accountId: string): boolean {
  const member = members.get(accountId);
  return member?.role === 'owner' && member.deactivated.length === 0;
}

/** Whether it has active members but no active owner. */
export function lacksOwner(members: PersistentMap<Member>): boolean {
  return members.some(isActive) && !members.some((member) => member.role === 'owner' && isActive(member));
}

export function admit(
  { accountId, inviterId, role, projectIds, suspended, secured, at }: AdmitMember,
  state: OrganizationStatus,
) {
  if (state.members.has(accountId)) return [];
  // An invitation rests on its inviter being an owner: once they are none, it has lapsed.
  if (!speaksAsOwner(state, inviterId)) return lapsed;
  if (!secured && state.secondFactorFrom !== undefined && state.secondFactorFrom <= at)
    return secondFactorMissing('This organization takes members who have a second factor.');
  const open = projectIds.filter((projectId) => state.projects.get(projectId)?.archived === false);
  const joined = [
    { type: 'MemberJoined', data: { accountId, role } },
    ...(suspended ? [{ type: 'MemberSuspended' as const, data: { accountId } }] : []),
    ...open.map((projectId) => ({ type: 'ProjectMemberAdded' as const, data: { projectId, accountId } })),
  ] satisfies OrganizationEvent[];
  // A member who joins as an owner is one for a moment, even when suspended: that the organization has none again must be stated again.
  const before = role === 'owner' ? { ...state, orphaned: false } : state;
  return [
    ...joined,
    ...orphaned(before, accountId, { role, suspended, deactivated: [] }),
  ] satisfies OrganizationEvent[];
}

export function changeRole({ by, accountId, role }: ChangeRole, state: OrganizationStatus) {
  const refusal = unlessOwner(state, by);
  if (refusal) return refusal;
  const member = state.members.get(accountId);
  if (!member) return memberUnknown;
  if (member.role === role) return [];
  if (role === 'member' && !othersOwn(state, accountId)) return lastOwner;
  return [{ type: 'MemberRoleChanged', data: { accountId, role } }] satisfies OrganizationEvent[];
}

export function remove({ by, accountId }: RemoveMember, state: OrganizationStatus) {
  return unlessOwner(state, by) ?? take(accountId, 'removed', state);
}

export function leave({ by }: Leave, state: OrganizationStatus) {
  if (!state.members.has(by) && !state.former.has(by)) return organizationUnknown;
  return take(by, 'left', state);
}

function take(accountId: string, reason: 'left' | 'removed', state: OrganizationStatus) {
  const member = state.members.get(accountId);
  if (!member) return state.former.has(accountId) ? [] : memberUnknown;
  if (member.role === 'owner' && !othersOwn(state, accountId)) return lastOwner;
  return [{ type: 'MemberRemoved', data: { accountId, reason } }] satisfies OrganizationEvent[];
}

export function suspend(accountId: string, state: OrganizationStatus) {
  const member = state.members.get(accountId);
  if (!member || member.suspended) return [];
  return [
    { type: 'MemberSuspended', data: { accountId } },
    ...orphaned(state, accountId, { ...member, suspended: true }),
  ] satisfies OrganizationEvent[];
}

export function reactivate(accountId: string, state: OrganizationStatus) {
  const member = state.members.get(accountId);
  if (!member?.suspended) return [];
  return [
    { type: 'MemberReactivated', data: { accountId } },
    ...orphaned(state, accountId, { ...member, suspended: false }),
  ] satisfies OrganizationEvent[];
}

/** Nobody is shut out who is the last that could let anybody in. */
export function deactivate({ accountId, reason }: ChangeActivity, state: OrganizationStatus) {
  const member = state.members.get(accountId);
  if (!member || member.deactivated.includes(reason)) return [];
  if (member.role === 'owner' && !othersOwn(state, accountId)) return lastOwner;
  return [{ type: 'MemberDeactivated', data: { accountId, reason } }] satisfies OrganizationEvent[];
}

export function activate({ accountId, reason }: ChangeActivity, state: OrganizationStatus) {
  const member = state.members.get(accountId);
  if (member?.deactivated.includes(reason) !== true) return [];
  return [
    { type: 'MemberActivated', data: { accountId, reason } },
    ...orphaned(state, accountId, { ...member, deactivated: member.deactivated.filter((each) => each !== reason) }),
  ] satisfies OrganizationEvent[];
}

/** Owners stay while nobody else would own it. */
export function settleGuests({ guests }: SettleGuests, state: OrganizationStatus) {
  const meant = new Set(guests);
  const keepsOwner = state.members.some(
    ({ role, suspended, deactivated }, id) =>
      role === 'owner' && !suspended && !deactivated.includes('provider') && !meant.has(id),
  );
  const changes = state.members.entries().flatMap(([accountId, { role, deactivated }]) => {
    const shut = meant.has(accountId) && (role !== 'owner' || keepsOwner);
    return shut === deactivated.includes('guest') ? [] : [{ accountId, shut }];
  });
  const members = changes.reduce((so, { accountId, shut }) => {
    const member = so.get(accountId);
    const others = member?.deactivated.filter((reason) => reason !== 'guest') ?? [];
    return member ? so.with(accountId, { ...member, deactivated: shut ? [...others, 'guest'] : others }) : so;
  }, state.members);
  return [
    ...changes.map(({ accountId, shut }): OrganizationEvent => ({
      type: shut ? 'MemberDeactivated' : 'MemberActivated',
      data: { accountId, reason: 'guest' },
    })),
    ...(!state.orphaned && lacksOwner(members) ? [{ type: 'OrganizationOrphaned' as const, data: {} }] : []),
  ] satisfies OrganizationEvent[];
}

/** Whoever is no member is none already. */
export const dismiss = (accountId: string, state: OrganizationStatus) =>
  state.members.has(accountId) ? take(accountId, 'removed', state) : [];

/** Only identity decides about accounts: when its word takes the last active owner, this states it, once. */
function orphaned(state: OrganizationStatus, accountId: string, member: Member) {
  const lacking = !state.orphaned && lacksOwner(state.members.with(accountId, member));
  return lacking ? ([{ type: 'OrganizationOrphaned', data: {} }] satisfies OrganizationEvent[]) : [];
}

const othersOwn = (state: OrganizationStatus, accountId: string) =>
  state.members.some((other, id) => id !== accountId && other.role === 'owner' && isActive(other));
