import { z } from 'zod';
import { ofId, ofOwner, paged } from './parts.ts';
import { route } from './route.ts';
import * as shape from './shapes.ts';

const { id, list, name, nothing } = shape;

/** Invitations, as owners and as those who are invited see them. */
export const invitationRoutes = {
  listInvitations: route({
    method: 'GET',
    path: '/v1/organizations/:id/invitations',
    access: 'session',
    does: 'Lists invitations, with what became of their mails. By owners.',
    params: ofId,
    query: paged,
    answer: list(shape.listedInvitation),
  }),
  inviteMember: route({
    method: 'POST',
    path: '/v1/organizations/:id/invitations',
    access: 'session',
    proof: ofOwner,
    does: 'Invites an address; the mailed link works once, for 30 days. By owners.',
    params: ofId,
    body: z.strictObject({
      email: shape.email,
      role: shape.role.default('member'),
      projectIds: z.array(id).max(50).default([]),
    }),
    status: 201,
    answer: shape.invitation,
  }),
  resendInvitation: route({
    method: 'POST',
    path: '/v1/invitations/:id/resend',
    access: 'session',
    does: 'Mails a new link; the old one is dead. By owners.',
    params: ofId,
    body: nothing,
    answer: shape.invitation,
  }),
  revokeInvitation: route({
    method: 'POST',
    path: '/v1/invitations/:id/revoke',
    access: 'session',
    does: 'Makes the link dead. By owners.',
    params: ofId,
    body: nothing,
    answer: shape.invitation,
  }),
  listOwnInvitations: route({
    method: 'GET',
    path: '/v1/invitations',
    access: 'session',
    does: 'Lists the invitations that wait for me, by the address of my account.',
    query: paged,
    answer: list(shape.ownInvitation),
  }),
  acceptOwnInvitation: route({
    method: 'POST',
    path: '/v1/invitations/:id/accept',
    access: 'session',
    does: 'Joins the organization that invited me; the mailed link is spent.',
    params: ofId,
    body: nothing,
    answer: z.object({ organization: shape.organization }),
  }),
  lookInvitation: route({
    method: 'POST',
    path: '/v1/invitations/look',
    access: 'public',
    does: 'Shows what a link would do, without doing it.',
    body: z.strictObject({ token: shape.token }),
    answer: z.object({
      organization: z.object({ name: z.string() }),
      role: shape.role,
      email: z.string(),
      expiresAt: shape.instant,
      /** Names of those that whoever accepts will be in. */
      projects: z.array(z.string()).meta({ examples: [['Mill']] }),
      next: z.enum(['accept', 'sign-in', 'create', 'sso']),
      /** Of `sso`: where the sign-in begins, with the link's token, that accepts the invitation. */
      connectionId: id.nullable(),
    }),
  }),
  acceptInvitation: route({
    method: 'POST',
    path: '/v1/invitations/accept',
    access: 'public',
    does: 'Spends the link: joins as the signed-in account, or makes the account of the address that the link proved (201) and signs it in.',
    body: z.strictObject({ token: shape.token, name: name.optional(), password: shape.password.optional() }),
    otherStatus: 201,
    answer: z.object({
      account: shape.account.optional(),
      session: shape.session.optional(),
      organization: shape.organization,
    }),
  }),
} as const;
