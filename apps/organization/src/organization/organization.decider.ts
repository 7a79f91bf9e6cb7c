import { type Decider, PersistentMap } from '#event-sourcing';
import {
  addProjectMember,
  archiveProject,
  createProject,
  removeProjectMember,
  renameProject,
} from './projects.decider.ts';
import { demandIdleTimeout, requireSecondFactor, waiveSecondFactor } from './demands.decider.ts';
import {
  activate,
  admit,
  changeRole,
  deactivate,
  dismiss,
  lacksOwner,
  leave,
  organizationUnknown,
  reactivate,
  remove,
  settleGuests,
  suspend,
  unlessOwner,
} from './members.decider.ts';
import type {
  CreateOrganization,
  Member,
  Organization,
  OrganizationCommand,
  OrganizationEvent,
  OrganizationProblem,
  Project,
  OrganizationStatus,
} from './vocabulary.decider.ts';

export const organization: Decider<OrganizationCommand, Organization, OrganizationEvent, OrganizationProblem> = {
  category: 'organization',
  initial: { status: 'unknown' },
  decide(command, state) {
    if (command.type === 'CreateOrganization') return create(command, state);
    if (state.status === 'unknown') return organizationUnknown;
    switch (command.type) {
      case 'RenameOrganization':
        return (
          unlessOwner(state, command.by) ??
          (command.name === state.name ? [] : [{ type: 'OrganizationRenamed', data: { name: command.name } }])
        );
      case 'AdmitMember':
        return admit(command, state);
      case 'ChangeRole':
        return changeRole(command, state);
      case 'RemoveMember':
        return remove(command, state);
      case 'Leave':
        return leave(command, state);
      case 'SuspendMember':
        return suspend(command.accountId, state);
      case 'ReactivateMember':
        return reactivate(command.accountId, state);
      case 'DeactivateMember':
        return deactivate(command, state);
      case 'ActivateMember':
        return activate(command, state);
      case 'SettleGuests':
        return settleGuests(command, state);
      case 'DismissMember':
        return dismiss(command.accountId, state);
      case 'RequireSecondFactor':
        return requireSecondFactor(command, state);
      case 'WaiveSecondFactor':
        return waiveSecondFactor(command, state);
      case 'DemandIdleTimeout':
        return demandIdleTimeout(command, state);
      case 'CreateProject':
        return createProject(command, state);
      case 'RenameProject':
        return renameProject(command, state);
      case 'ArchiveProject':
        return archiveProject(command, state);
      case 'AddProjectMember':
        return addProjectMember(command, state);
      case 'RemoveProjectMember':
        return removeProjectMember(command, state);
    }
  },
  evolve(state, event) {
    if (event.type === 'OrganizationCreated') {
      const { name, ownerId } = event.data;
      return {
        status: 'standing',
        name,
        members: new PersistentMap<Member>().with(ownerId, { role: 'owner', suspended: false, deactivated: [] }),
        former: new PersistentMap(),
        projects: new PersistentMap(),
        orphaned: false,
        secondFactorFrom: undefined,
        idleTimeout: false,
      };
    }
    if (state.status === 'unknown') return state;
    switch (event.type) {
      case 'OrganizationRenamed':
        return { ...state, name: event.data.name };
      case 'MemberJoined':
        return withMember({ ...state, former: state.former.without(event.data.accountId) }, event.data.accountId, {
          role: event.data.role,
          suspended: false,
          deactivated: [],
        });
      case 'MemberRoleChanged':
        return changed(state, event.data.accountId, { role: event.data.role });
      case 'MemberSuspended':
        return changed(state, event.data.accountId, { suspended: true });
      case 'MemberReactivated':
        return changed(state, event.data.accountId, { suspended: false });
      case 'MemberDeactivated':
        return changedReasons(state, event.data.accountId, (reasons) => [...reasons, event.data.reason]);
      case 'MemberActivated':
        return changedReasons(state, event.data.accountId, (reasons) =>
          reasons.filter((reason) => reason !== event.data.reason),
        );
      case 'MemberRemoved':
        return removed(state, event.data.accountId);
      case 'OrganizationOrphaned':
        return { ...state, orphaned: true };
      case 'SecondFactorRequired':
        return { ...state, secondFactorFrom: event.data.from };
      case 'SecondFactorWaived':
        return { ...state, secondFactorFrom: undefined };
      case 'IdleTimeoutRequired':
        return { ...state, idleTimeout: true };
      case 'IdleTimeoutWaived':
        return { ...state, idleTimeout: false };
      case 'ProjectCreated':
        return withProject(state, event.data.projectId, {
          name: event.data.name,
          archived: false,
          members: new PersistentMap<true>().with(event.data.accountId, true),
        });
      case 'ProjectRenamed':
        return changedProject(state, event.data.projectId, (project) => ({ ...project, name: event.data.name }));
      case 'ProjectArchived':
        return changedProject(state, event.data.projectId, (project) => ({ ...project, archived: true }));
      case 'ProjectMemberAdded':
        return changedProject(state, event.data.projectId, (project) => ({
          ...project,
          members: project.members.with(event.data.accountId, true),
        }));
      case 'ProjectMemberRemoved':
        return changedProject(state, event.data.projectId, (project) => ({
          ...project,
          members: project.members.without(event.data.accountId),
        }));
    }
  },
};

function create({ name, ownerId, firstProject }: CreateOrganization, state: Organization) {
  if (state.status !== 'unknown') return [];
  return [
    { type: 'OrganizationCreated', data: { name, ownerId } },
    ...(firstProject ? [{ type: 'ProjectCreated' as const, data: { ...firstProject, accountId: ownerId } }] : []),
  ] satisfies OrganizationEvent[];
}

function withMember(state: OrganizationStatus, accountId: string, member: Member): OrganizationStatus {
  const members = state.members.with(accountId, member);
  return { ...state, members, orphaned: state.orphaned && lacksOwner(members) };
}

function changed(state: OrganizationStatus, accountId: string, change: Partial<Member>): OrganizationStatus {
  const member = state.members.get(accountId);
  return member ? withMember(state, accountId, { ...member, ...change }) : state;
}

const changedReasons = (
  state: OrganizationStatus,
  accountId: string,
  change: (reasons: Member['deactivated']) => Member['deactivated'],
): OrganizationStatus =>
  changed(state, accountId, { deactivated: change(state.members.get(accountId)?.deactivated ?? []) });

function removed(state: OrganizationStatus, accountId: string): OrganizationStatus {
  const members = state.members.without(accountId);
  const projects = state.projects.map((project) =>
    project.members.has(accountId) ? { ...project, members: project.members.without(accountId) } : project,
  );
  return {
    ...state,
    members,
    projects,
    former: state.former.with(accountId, true),
    orphaned: state.orphaned && lacksOwner(members),
  };
}

const withProject = (state: OrganizationStatus, projectId: string, project: Project): OrganizationStatus => ({
  ...state,
  projects: state.projects.with(projectId, project),
});

function changedProject(
  state: OrganizationStatus,
  projectId: string,
  change: (project: Project) => Project,
): OrganizationStatus {
  const project = state.projects.get(projectId);
  return project ? withProject(state, projectId, change(project)) : state;
}
