import type { ProblemCode } from '#contracts';
import type { PersistentMap } from '#event-sourcing';

export type Role = 'owner' | 'member';

/** Why a member is shut out: the organization's provider says so, or it takes no guests. */
export type Reason = 'provider' | 'guest';

export type OrganizationEvent =
  | { type: 'OrganizationCreated'; data: { name: string; ownerId: string } }
  | { type: 'OrganizationRenamed'; data: { name: string } }
  | { type: 'MemberJoined'; data: { accountId: string; role: Role } }
  | { type: 'MemberRoleChanged'; data: { accountId: string; role: Role } }
  | { type: 'MemberRemoved'; data: { accountId: string; reason: 'left' | 'removed' } }
  | { type: 'MemberSuspended'; data: { accountId: string } }
  | { type: 'MemberReactivated'; data: { accountId: string } }
  | { type: 'MemberDeactivated'; data: { accountId: string; reason: Reason } }
  | { type: 'MemberActivated'; data: { accountId: string; reason: Reason } }
  | { type: 'OrganizationOrphaned'; data: object }
  | { type: 'SecondFactorRequired'; data: { from: string } }
  | { type: 'SecondFactorWaived'; data: object }
  | { type: 'IdleTimeoutRequired'; data: object }
  | { type: 'IdleTimeoutWaived'; data: object }
  | { type: 'ProjectCreated'; data: { projectId: string; name: string; accountId: string } }
  | { type: 'ProjectRenamed'; data: { projectId: string; name: string } }
  | { type: 'ProjectArchived'; data: { projectId: string } }
  | { type: 'ProjectMemberAdded'; data: { projectId: string; accountId: string } }
  | { type: 'ProjectMemberRemoved'; data: { projectId: string; accountId: string } };

export interface Member {
  readonly role: Role;
  readonly suspended: boolean;
  /** Why this organization is closed to them; nothing: it is open. */
  readonly deactivated: readonly Reason[];
}
/** A set of accounts. */
export type Accounts = PersistentMap<true>;
export interface Project {
  readonly name: string;
  readonly archived: boolean;
  readonly members: Accounts;
}
export interface OrganizationStatus {
  readonly status: 'standing';
  readonly name: string;
  readonly members: PersistentMap<Member>;
  /** Former members: to remove them again changes nothing. */
  readonly former: Accounts;
  readonly projects: PersistentMap<Project>;
  /** Whether it was stated that it has no active owner. */
  readonly orphaned: boolean;
  /** From when on its people need a second factor; undefined where they need none. */
  readonly secondFactorFrom: string | undefined;
  /** Whether its people's sessions end when nobody is there. */
  readonly idleTimeout: boolean;
}
export type Organization = { readonly status: 'unknown' } | OrganizationStatus;

/** `by` is the account that asks. */
export interface CreateOrganization {
  type: 'CreateOrganization';
  name: string;
  ownerId: string;
  firstProject?: { projectId: string; name: string };
}
export interface RenameOrganization {
  type: 'RenameOrganization';
  by: string;
  name: string;
}
/** The account was invited by `inviterId`, who must still be an owner. `secured`: whether it has a second factor turned on. */
export interface AdmitMember {
  type: 'AdmitMember';
  accountId: string;
  inviterId: string;
  role: Role;
  projectIds: readonly string[];
  suspended: boolean;
  secured: boolean;
  at: string;
}
export interface ChangeRole {
  type: 'ChangeRole';
  by: string;
  accountId: string;
  role: Role;
}
export interface RemoveMember {
  type: 'RemoveMember';
  by: string;
  accountId: string;
}
export interface Leave {
  type: 'Leave';
  by: string;
}
export interface ChangeStanding {
  type: 'SuspendMember' | 'ReactivateMember';
  accountId: string;
}
/** By the organization's provider, or by what it says of guests; apart from the account's own standing. */
export interface ChangeActivity {
  type: 'DeactivateMember' | 'ActivateMember';
  accountId: string;
  reason: Reason;
}
/** Whom the organization is closed to as guests, all of them: nobody, where it takes guests. */
export interface SettleGuests {
  type: 'SettleGuests';
  guests: readonly string[];
}
/** The provider has sent them away. */
export interface DismissMember {
  type: 'DismissMember';
  accountId: string;
}
/** `secured`: whether the owner who asks has a second factor turned on. Without `from`, it stays as it stands or, the first time, is the soonest there may be. */
export interface RequireSecondFactor {
  type: 'RequireSecondFactor';
  by: string;
  from: string | undefined;
  at: string;
  secured: boolean;
}
export interface WaiveSecondFactor {
  type: 'WaiveSecondFactor';
  by: string;
}
export interface DemandIdleTimeout {
  type: 'DemandIdleTimeout';
  by: string;
  required: boolean;
}
/** `activeMax`: projects that the organization may have, archived ones aside. */
export interface CreateProject {
  type: 'CreateProject';
  by: string;
  projectId: string;
  name: string;
  activeMax: number;
}
export interface RenameProject {
  type: 'RenameProject';
  by: string;
  projectId: string;
  name: string;
}
export interface ArchiveProject {
  type: 'ArchiveProject';
  by: string;
  projectId: string;
}
export interface AddProjectMember {
  type: 'AddProjectMember';
  by: string;
  projectId: string;
  accountId: string;
}
export interface RemoveProjectMember {
  type: 'RemoveProjectMember';
  by: string;
  projectId: string;
  accountId: string;
}
export type OrganizationCommand =
  | CreateOrganization
  | RenameOrganization
  | AdmitMember
  | ChangeRole
  | RemoveMember
  | Leave
  | ChangeStanding
  | ChangeActivity
  | SettleGuests
  | DismissMember
  | RequireSecondFactor
  | WaiveSecondFactor
  | DemandIdleTimeout
  | CreateProject
  | RenameProject
  | ArchiveProject
  | AddProjectMember
  | RemoveProjectMember;

export type OrganizationProblem = Extract<
  ProblemCode,
  | 'request/invalid'
  | 'organization/unknown'
  | 'organization/owner-required'
  | 'organization/last-owner'
  | 'organization/second-factor-required'
  | 'member/unknown'
  | 'member/deactivated'
  | 'project/unknown'
  | 'project/archived'
  | 'project/too-many'
  | 'link/unknown'
>;
