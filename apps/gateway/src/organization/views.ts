import type { AnswerOf, organization, routes } from '#contracts';
import type { FastifyReply } from 'fastify';
import { required } from '../account/views.ts';

export type Role = 'owner' | 'member';

export const organizationView = ({
  organizationId,
  name,
  role,
  status,
}: organization.Organization): AnswerOf<typeof routes.createOrganization> => ({
  id: organizationId,
  name,
  role: role as Role,
  status: standingOf(status),
});

/** What a service of the release before does not tell is open. */
export const standingOf = (status: string | undefined) => (status === 'deactivated' ? 'deactivated' : 'active');

export const organizationDetail = ({
  demands,
  ...organization
}: organization.Organization): AnswerOf<typeof routes.getOrganization> => {
  const { secondFactorFrom, idleTimeout } = required(demands, 'demands');
  return {
    ...organizationView(organization),
    secondFactor: { required: secondFactorFrom != null, from: secondFactorFrom ?? null },
    idleTimeout: { required: idleTimeout },
  };
};

export const projectView = ({
  projectId,
  organizationId,
  name,
  status,
}: organization.Project): AnswerOf<typeof routes.renameProject> => ({
  id: projectId,
  organizationId,
  name,
  status: status as 'active' | 'archived',
});

/** What lists and the project's own page say beside that; the counts are those of other services. */
export function projectDetail(
  project: organization.Project,
  { activeKeys, jobs }: { activeKeys: number | null; jobs: number | null },
): AnswerOf<typeof routes.getProject> {
  const { member, people, createdAt } = required(project.detail, 'detail');
  return { ...projectView(project), member, createdAt, counts: { people, activeKeys, jobs } };
}

export const namedProject = ({ projectId, name }: organization.NamedProject) => ({ id: projectId, name });

export const ownInvitationView = ({
  invitationId,
  organizationId,
  organizationName,
  role,
  expiresAt,
}: organization.OwnInvitation): AnswerOf<typeof routes.listOwnInvitations>['items'][number] => ({
  id: invitationId,
  organization: { id: organizationId, name: organizationName },
  role: role as Role,
  expiresAt,
});

export const invitationView = ({
  invitationId,
  email,
  role,
  projectIds,
  expiresAt,
  status,
}: organization.Invitation): AnswerOf<typeof routes.inviteMember> => ({
  id: invitationId,
  email,
  role: role as Role,
  projectIds,
  expiresAt,
  status: status as AnswerOf<typeof routes.inviteMember>['status'],
});

/** 200 where it holds everywhere already, 202 where it stands but is not confirmed yet. */
export function answerEnforced<T extends { enforced: boolean }>(reply: FastifyReply, answer: T): { enforced: boolean } {
  if (!answer.enforced) void reply.status(202);
  return { enforced: answer.enforced };
}
