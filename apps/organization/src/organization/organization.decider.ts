import type { ProblemCode } from '#contracts';
import { type Decider, refuse } from '#event-sourcing';

export type Role = 'owner' | 'member';

export type OrganizationEvent =
  | { type: 'OrganizationCreated'; data: { name: string; ownerId: string } }
  | { type: 'OrganizationRenamed'; data: { name: string } }
  | { type: 'MemberJoined'; data: { accountId: string; role: Role } }
  | { type: 'MemberRoleChanged'; data: { accountId: string; role: Role } }
  | { type: 'MemberRemoved'; data: { accountId: string; reason: 'left' | 'removed' } }
  | { type: 'MemberSuspended'; data: { accountId: string } }
  | { type: 'MemberReactivated'; data: { accountId: string } }
  | { type: 'OrganizationOrphaned'; data: object }
  | { type: 'ProjectCreated'; data: { projectId: string; name: string; accountId: string } }
  | { type: 'ProjectRenamed'; data: { projectId: string; name: string } }
  | { type: 'ProjectArchived'; data: { projectId: string } }
  | { type: 'ProjectMemberAdded'; data: { projectId: string; accountId: string } }
  | { type: 'ProjectMemberRemoved'; data: { projectId: string; accountId: string } };

export interface Project {
  readonly name: string;
  readonly archived: boolean;
  readonly members: ReadonlySet<string>;
}

export interface Organization {
  readonly status: 'unknown' | 'active';
  readonly name: string;
  readonly members: ReadonlyMap<string, Role>;
  readonly suspended: ReadonlySet<string>;
  readonly projects: ReadonlyMap<string, Project>;
}

/** `by`: the account that wants it. */
export type OrganizationCommand =
  | { type: 'CreateOrganization'; name: string; ownerId: string }
  | { type: 'RenameOrganization'; by: string; name: string }
  | { type: 'ChangeRole'; by: string; accountId: string; role: Role }
  | { type: 'RemoveMember'; by: string; accountId: string }
  | { type: 'Leave'; by: string }
  | { type: 'Join'; accountId: string; role: Role; projectIds: readonly string[] }
  | { type: 'NoteSuspension'; accountId: string; suspended: boolean }
  | { type: 'CreateProject'; by: string; projectId: string; name: string }
  | { type: 'RenameProject'; by: string; projectId: string; name: string }
  | { type: 'ArchiveProject'; by: string; projectId: string }
  | { type: 'AddProjectMember'; by: string; projectId: string; accountId: string }
  | { type: 'RemoveProjectMember'; by: string; projectId: string; accountId: string };

export type OrganizationProblem = Extract<ProblemCode, 'organization/unknown' | 'organization/owner-required' | 'organization/last-owner' | 'member/unknown' | 'project/unknown' | 'project/archived'>;
type Decision = readonly OrganizationEvent[] | ReturnType<typeof refuse<OrganizationProblem>>;

export const organization: Decider<OrganizationCommand, Organization, OrganizationEvent, OrganizationProblem> = {
  category: 'organization',
  initial: { status: 'unknown', name: '', members: new Map(), suspended: new Set(), projects: new Map() },
  decide(command, state) {
    if (command.type === 'CreateOrganization') return state.status === 'active' ? [] : [{ type: 'OrganizationCreated', data: { name: command.name, ownerId: command.ownerId } }];
    if (state.status === 'unknown') return unknown();
    switch (command.type) {
      case 'Join': return join(command, state);
      case 'NoteSuspension': return noteSuspension(command, state);
      case 'Leave': return state.members.has(command.by) ? remove(command.by, 'left', state) : unknown();
      default: return refuseCaller(command.by, state) ?? byOwner(command, state);
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'OrganizationCreated': return { ...state, status: 'active', name: event.data.name, members: new Map([[event.data.ownerId, 'owner']]) };
      case 'OrganizationRenamed': return { ...state, name: event.data.name };
      case 'MemberJoined': case 'MemberRoleChanged': return { ...state, members: new Map(state.members).set(event.data.accountId, event.data.role) };
      case 'MemberRemoved': return without(event.data.accountId, state);
      case 'MemberSuspended': return { ...state, suspended: new Set(state.suspended).add(event.data.accountId) };
      case 'MemberReactivated': return { ...state, suspended: new Set([...state.suspended].filter((id) => id !== event.data.accountId)) };
      case 'OrganizationOrphaned': return state;
      case 'ProjectCreated': return withProject(state, event.data.projectId, { name: event.data.name, archived: false, members: new Set([event.data.accountId]) });
      case 'ProjectRenamed': return changeProject(state, event.data.projectId, (project) => ({ ...project, name: event.data.name }));
      case 'ProjectArchived': return changeProject(state, event.data.projectId, (project) => ({ ...project, archived: true }));
      case 'ProjectMemberAdded': return changeProject(state, event.data.projectId, (project) => ({ ...project, members: new Set(project.members).add(event.data.accountId) }));
      case 'ProjectMemberRemoved': return changeProject(state, event.data.projectId, (project) => ({ ...project, members: new Set([...project.members].filter((id) => id !== event.data.accountId)) }));
    }
  },
};

const unknown = () => refuse<OrganizationProblem>('organization/unknown', 'You have no organization with this id.');

/** A stranger learns nothing, a member learns who could do it. */
function refuseCaller(by: string, state: Organization) {
  const role = state.members.get(by);
  if (role === undefined) return unknown();
  if (role !== 'owner') return refuse<OrganizationProblem>('organization/owner-required', 'Only an owner of the organization may do this. Ask one of them.');
  return undefined;
}

type ByOwner = Exclude<OrganizationCommand, { type: 'CreateOrganization' | 'Join' | 'NoteSuspension' | 'Leave' }>;

function byOwner(command: ByOwner, state: Organization): Decision {
  switch (command.type) {
    case 'RenameOrganization': return command.name === state.name ? [] : [{ type: 'OrganizationRenamed', data: { name: command.name } }];
    case 'ChangeRole': return changeRole(command.accountId, command.role, state);
    case 'RemoveMember': return state.members.has(command.accountId) ? remove(command.accountId, 'removed', state) : noMember();
    case 'CreateProject': return state.projects.has(command.projectId) ? [] : [{ type: 'ProjectCreated', data: { projectId: command.projectId, name: command.name, accountId: command.by } }];
    default: return ofProject(command, state);
  }
}

const noMember = () => refuse<OrganizationProblem>('member/unknown', 'The organization has no member with this id.');

function ofProject(command: Extract<ByOwner, { projectId: string }>, state: Organization): Decision {
  const project = state.projects.get(command.projectId);
  const { projectId } = command;
  if (!project) return refuse<OrganizationProblem>('project/unknown', 'You have no project with this id.');
  if (command.type === 'ArchiveProject') return project.archived ? [] : [{ type: 'ProjectArchived', data: { projectId } }];
  if (project.archived) return refuse<OrganizationProblem>('project/archived', 'The project is archived and stays as it is.');
  switch (command.type) {
    case 'RenameProject': return command.name === project.name ? [] : [{ type: 'ProjectRenamed', data: { projectId, name: command.name } }];
    case 'AddProjectMember':
      if (!state.members.has(command.accountId)) return noMember();
      return project.members.has(command.accountId) ? [] : [{ type: 'ProjectMemberAdded', data: { projectId, accountId: command.accountId } }];
    case 'RemoveProjectMember':
      if (!state.members.has(command.accountId)) return noMember();
      return project.members.has(command.accountId) ? [{ type: 'ProjectMemberRemoved', data: { projectId, accountId: command.accountId } }] : [];
    case 'CreateProject': return [];
  }
}

/** Owners who can act: suspended ones cannot. */
export const activeOwners = ({ members, suspended }: Organization): string[] => [...members].filter(([id, role]) => role === 'owner' && !suspended.has(id)).map(([id]) => id);

function keepsOwner(leaving: string, state: Organization): Decision | undefined {
  if (state.members.get(leaving) !== 'owner' || activeOwners(state).some((id) => id !== leaving)) return undefined;
  return refuse<OrganizationProblem>('organization/last-owner', 'This is the last active owner. Make somebody else an owner first.');
}

function changeRole(accountId: string, role: Role, state: Organization): Decision {
  const current = state.members.get(accountId);
  if (current === undefined) return noMember();
  if (current === role) return [];
  return (role === 'member' ? keepsOwner(accountId, state) : undefined) ?? [{ type: 'MemberRoleChanged', data: { accountId, role } }];
}

const remove = (accountId: string, reason: 'left' | 'removed', state: Organization): Decision =>
  keepsOwner(accountId, state) ?? [{ type: 'MemberRemoved', data: { accountId, reason } }];

function join({ accountId, role, projectIds }: Extract<OrganizationCommand, { type: 'Join' }>, state: Organization): Decision {
  const joined: OrganizationEvent[] = state.members.has(accountId) ? [] : [{ type: 'MemberJoined', data: { accountId, role } }];
  // A project that was archived or is gone since the invitation is left out: the rest of it still holds.
  const entered = projectIds.filter((projectId) => state.projects.get(projectId)?.archived === false && !state.projects.get(projectId)?.members.has(accountId));
  return [...joined, ...entered.map((projectId) => ({ type: 'ProjectMemberAdded' as const, data: { projectId, accountId } }))];
}

function noteSuspension({ accountId, suspended }: Extract<OrganizationCommand, { type: 'NoteSuspension' }>, state: Organization): Decision {
  if (state.members.get(accountId) === undefined || state.suspended.has(accountId) === suspended) return [];
  if (!suspended) return [{ type: 'MemberReactivated', data: { accountId } }];
  const noted: OrganizationEvent = { type: 'MemberSuspended', data: { accountId } };
  const after = organization.evolve(state, noted);
  const others = [...after.members.keys()].some((id) => !after.suspended.has(id));
  const orphaned = activeOwners(state).length > 0 && activeOwners(after).length === 0 && others;
  return orphaned ? [noted, { type: 'OrganizationOrphaned', data: {} }] : [noted];
}

function without(accountId: string, state: Organization): Organization {
  const members = new Map(state.members);
  members.delete(accountId);
  const projects = new Map([...state.projects].map(([id, project]) => [id, { ...project, members: new Set([...project.members].filter((member) => member !== accountId)) }]));
  return { ...state, members, projects };
}

const withProject = (state: Organization, projectId: string, project: Project): Organization => ({ ...state, projects: new Map(state.projects).set(projectId, project) });

function changeProject(state: Organization, projectId: string, change: (project: Project) => Project): Organization {
  const project = state.projects.get(projectId);
  return project ? withProject(state, projectId, change(project)) : state;
}
