import { z } from 'zod';
import { ofId, ofMember, ofOwner, paged } from './parts.ts';
import { route } from './route.ts';
import * as shape from './shapes.ts';

const { list, nothing } = shape;

/** An organization's people. */
export const memberRoutes = {
  listMembers: route({
    method: 'GET',
    path: '/v1/organizations/:id/members',
    access: 'session',
    does: "Lists the people of the organization. Owners are also told each one's account, projects and number of active keys.",
    params: ofId,
    query: paged,
    answer: list(shape.watchedMember),
  }),
  changeRole: route({
    method: 'POST',
    path: '/v1/organizations/:id/members/:accountId/change-role',
    access: 'session',
    proof: ofOwner,
    does: 'Makes a member an owner or an owner a member. By owners.',
    params: ofMember,
    body: z.strictObject({ role: shape.role }),
    otherStatus: 202,
    answer: shape.enforced,
  }),
  removeMember: route({
    method: 'POST',
    path: '/v1/organizations/:id/members/:accountId/remove',
    access: 'session',
    does: 'Removes somebody; their keys in the organization are revoked. By owners.',
    params: ofMember,
    body: nothing,
    otherStatus: 202,
    answer: shape.enforced,
  }),
  leaveOrganization: route({
    method: 'POST',
    path: '/v1/organizations/:id/leave',
    access: 'session',
    confined: true,
    does: 'Takes me out of the organization; my keys in it are revoked.',
    params: ofId,
    body: nothing,
    otherStatus: 202,
    answer: shape.enforced,
  }),
} as const;
