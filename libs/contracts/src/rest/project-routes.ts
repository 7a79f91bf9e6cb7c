import { z } from 'zod';
import { ofId, paged } from './parts.ts';
import { route } from './route.ts';
import * as shape from './shapes.ts';

const { id, list, name, nothing } = shape;

/** Projects and who is in them. */
export const projectRoutes = {
  listProjects: route({
    method: 'GET',
    path: '/v1/organizations/:id/projects',
    access: 'session',
    does: 'Lists projects: mine, or all of them for owners.',
    params: ofId,
    query: paged,
    answer: list(shape.projectDetail),
  }),
  getProject: route({
    method: 'GET',
    path: '/v1/projects/:id',
    access: 'session',
    does: 'Shows a project of mine, or of an organization that I own.',
    params: ofId,
    query: z.strictObject({}),
    answer: shape.projectDetail,
  }),
  createProject: route({
    method: 'POST',
    path: '/v1/organizations/:id/projects',
    access: 'session',
    does: 'Makes a project with me in it. By owners.',
    params: ofId,
    body: z.strictObject({ name }),
    status: 201,
    answer: shape.project,
  }),
  renameProject: route({
    method: 'POST',
    path: '/v1/projects/:id/rename',
    access: 'session',
    does: 'Renames the project. By owners.',
    params: ofId,
    body: z.strictObject({ name }),
    answer: shape.project,
  }),
  archiveProject: route({
    method: 'POST',
    path: '/v1/projects/:id/archive',
    access: 'session',
    does: 'Archives the project: its keys stop working, its jobs still run. By owners.',
    params: ofId,
    body: nothing,
    otherStatus: 202,
    answer: z.object({ project: shape.project, enforced: z.boolean() }),
  }),
  listProjectMembers: route({
    method: 'GET',
    path: '/v1/projects/:id/members',
    access: 'session',
    does: 'Lists the people of the project.',
    params: ofId,
    query: paged,
    answer: list(shape.projectMember),
  }),
  addProjectMember: route({
    method: 'POST',
    path: '/v1/projects/:id/add-member',
    access: 'session',
    does: 'Adds a member of the organization to the project. By owners.',
    params: ofId,
    body: z.strictObject({ accountId: id }),
    answer: shape.project,
  }),
  removeProjectMember: route({
    method: 'POST',
    path: '/v1/projects/:id/remove-member',
    access: 'session',
    does: 'Takes somebody out of the project; their keys in it are revoked. By owners.',
    params: ofId,
    body: z.strictObject({ accountId: id }),
    otherStatus: 202,
    answer: shape.enforced,
  }),
} as const;
