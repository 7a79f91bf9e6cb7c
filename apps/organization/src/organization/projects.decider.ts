import { refuse } from '#event-sourcing';
import type {
  AddProjectMember,
  ArchiveProject,
  CreateProject,
  OrganizationEvent,
  Project,
  RemoveProjectMember,
  RenameProject,
  OrganizationStatus,
} from './vocabulary.decider.ts';
import { memberUnknown, ownerRequired, unlessOwner } from './members.decider.ts';

/** Strangers, and members who are not in it, hear the same as of a project that does not exist. */
export const projectUnknown = refuse('project/unknown', 'You have no project with this id.');
export const projectArchived = refuse('project/archived', 'The project is archived: nothing new begins in it.');

/** A project as a member sees it: owners see all, members theirs. */
export function visibleProject(state: OrganizationStatus, by: string, projectId: string): Project | undefined {
  const project = state.projects.get(projectId);
  return project && (state.members.get(by)?.role === 'owner' || project.members.has(by)) ? project : undefined;
}

export function createProject({ by, projectId, name, activeMax }: CreateProject, state: OrganizationStatus) {
  const refusal = unlessOwner(state, by);
  if (refusal) return refusal;
  if (state.projects.has(projectId)) return [];
  const active = state.projects.values().filter(({ archived }) => !archived).length;
  if (active >= activeMax)
    return refuse(
      'project/too-many',
      `An organization may have ${activeMax} active projects, and this one has them. Archive some that are no longer needed.`,
    );
  return [{ type: 'ProjectCreated', data: { projectId, name, accountId: by } }] satisfies OrganizationEvent[];
}

export function renameProject({ by, projectId, name }: RenameProject, state: OrganizationStatus) {
  return byOwner(state, by, projectId, (project) => {
    if (project.name === name) return [];
    return project.archived
      ? projectArchived
      : ([{ type: 'ProjectRenamed', data: { projectId, name } }] satisfies OrganizationEvent[]);
  });
}

export function archiveProject({ by, projectId }: ArchiveProject, state: OrganizationStatus) {
  return byOwner(state, by, projectId, (project) =>
    project.archived ? [] : ([{ type: 'ProjectArchived', data: { projectId } }] satisfies OrganizationEvent[]),
  );
}

export function addProjectMember({ by, projectId, accountId }: AddProjectMember, state: OrganizationStatus) {
  return byOwner(state, by, projectId, (project) => {
    if (!state.members.has(accountId)) return memberUnknown;
    if (project.members.has(accountId)) return [];
    return project.archived
      ? projectArchived
      : ([{ type: 'ProjectMemberAdded', data: { projectId, accountId } }] satisfies OrganizationEvent[]);
  });
}

export function removeProjectMember({ by, projectId, accountId }: RemoveProjectMember, state: OrganizationStatus) {
  return byOwner(state, by, projectId, (project) => {
    if (project.members.has(accountId))
      return [{ type: 'ProjectMemberRemoved', data: { projectId, accountId } }] satisfies OrganizationEvent[];
    return state.members.has(accountId) || state.former.has(accountId) ? [] : memberUnknown;
  });
}

function byOwner<T>(state: OrganizationStatus, by: string, projectId: string, decide: (project: Project) => T) {
  const project = visibleProject(state, by, projectId);
  if (!project) return projectUnknown;
  return state.members.get(by)?.role === 'owner' ? decide(project) : ownerRequired;
}
