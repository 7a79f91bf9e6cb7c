import { z } from 'zod';
import { addresses } from './addresses.ts';
import { route } from './route.ts';
import { recordTypes } from './record-types.ts';
import * as shape from './shapes.ts';

const { id, list, name, nothing, page } = shape;
const ofId = z.strictObject({ id });
const member = z.strictObject({ id, accountId: id });
const paged = z.strictObject(page);
const signedIn = z.object({ account: shape.account, session: shape.session });
const overlap = z.union([z.literal(0), z.literal(3600), z.literal(86_400), z.literal(604_800)], 'must be 0, 3600, 86400 or 604800');
const inactivity = z.object({
  status: z.enum(['active', 'warned', 'suspended', 'exempt']),
  lastActivity: z.object({ signIn: shape.instant.nullable(), session: shape.instant.nullable(), api: shape.instant.nullable() }),
  dueAt: shape.instant, warningAt: shape.instant, suspendedAt: shape.instant.nullable(),
});

/** Rollcall's own API, whole: `/v1`. */
export const routes = {
  requestSignUp: route({ method: 'POST', path: '/v1/sign-ups', access: 'public', does: 'Mails a single-use link to the address. The answer is the same whether or not it is registered.', body: z.strictObject({ email: shape.email }), status: 202, answer: nothing }),
  verifySignUp: route({
    method: 'POST', path: '/v1/sign-ups/verify', access: 'public', does: 'Spends the link: makes the account with its first organization and project, and signs it in.',
    body: z.strictObject({ token: shape.token, name, password: shape.password }), status: 201, answer: signedIn.extend({ organization: shape.organization, project: shape.project }),
  }),
  signIn: route({ method: 'POST', path: '/v1/sessions', access: 'public', does: 'Signs in with address and password.', body: z.strictObject({ email: z.string().max(254), password: shape.password }), status: 201, answer: signedIn }),
  listSessions: route({ method: 'GET', path: '/v1/sessions', access: 'session', does: 'Lists my sessions.', query: z.strictObject({}), answer: list(shape.session) }),
  currentSession: route({
    method: 'GET', path: '/v1/sessions/current', access: 'session', does: 'Shows this session. Looking does not count as activity.', query: z.strictObject({}),
    answer: shape.session.extend({ endsAt: shape.instant, idleEndsAt: shape.instant.nullable() }),
  }),
  touchSession: route({ method: 'POST', path: '/v1/sessions/current/touch', access: 'session', does: 'Says that a person is here: the idle time starts anew.', body: nothing, answer: shape.session.extend({ endsAt: shape.instant, idleEndsAt: shape.instant.nullable() }) }),
  endSession: route({ method: 'POST', path: '/v1/sessions/:id/end', access: 'session', does: 'Ends a session of mine; `current` is this one.', params: z.strictObject({ id: z.union([z.literal('current'), id]) }), body: nothing, answer: nothing }),
  endOtherSessions: route({ method: 'POST', path: '/v1/sessions/end-others', access: 'session', does: 'Ends all my sessions but this one.', body: nothing, answer: z.object({ ended: z.int() }) }),

  getAccount: route({ method: 'GET', path: '/v1/account', access: 'session', does: 'Shows my account.', query: z.strictObject({}), answer: shape.account }),
  changeName: route({ method: 'PUT', path: '/v1/account/name', access: 'session', does: 'Changes my name.', body: z.strictObject({ name }), answer: shape.account }),
  setIdleTimeout: route({ method: 'PUT', path: '/v1/account/idle-timeout', access: 'session', does: 'Ends my sessions after 30 minutes without me, or not; also the sessions that exist.', body: z.strictObject({ enabled: z.boolean() }), answer: shape.account }),
  getInactivity: route({ method: 'GET', path: '/v1/account/inactivity', access: 'session', does: 'Shows what counts as my activity and when the account would be suspended.', query: z.strictObject({}), answer: inactivity }),

  listOrganizations: route({ method: 'GET', path: '/v1/organizations', access: 'session', does: 'Lists my organizations.', query: paged, answer: list(shape.organization) }),
  createOrganization: route({ method: 'POST', path: '/v1/organizations', access: 'session', does: 'Makes an organization that I own.', body: z.strictObject({ name }), status: 201, answer: shape.organization }),
  getOrganization: route({ method: 'GET', path: '/v1/organizations/:id', access: 'session', does: 'Shows an organization of mine.', params: ofId, query: z.strictObject({}), answer: shape.organization }),
  renameOrganization: route({ method: 'PUT', path: '/v1/organizations/:id/name', access: 'session', does: 'Renames the organization. By owners.', params: ofId, body: z.strictObject({ name }), answer: shape.organization }),
  listMembers: route({ method: 'GET', path: '/v1/organizations/:id/members', access: 'session', does: 'Lists the people of the organization.', params: ofId, query: paged, answer: list(shape.member) }),
  changeRole: route({ method: 'POST', path: '/v1/organizations/:id/members/:accountId/change-role', access: 'session', does: 'Makes a member an owner or an owner a member. By owners.', params: member, body: z.strictObject({ role: shape.role }), answer: shape.enforced }),
  removeMember: route({ method: 'POST', path: '/v1/organizations/:id/members/:accountId/remove', access: 'session', does: 'Removes somebody; their keys in the organization are revoked. By owners.', params: member, body: nothing, answer: shape.enforced }),
  leaveOrganization: route({ method: 'POST', path: '/v1/organizations/:id/leave', access: 'session', does: 'Takes me out of the organization; my keys in it are revoked.', params: ofId, body: nothing, answer: shape.enforced }),

  listInvitations: route({ method: 'GET', path: '/v1/organizations/:id/invitations', access: 'session', does: 'Lists invitations. By owners.', params: ofId, query: paged, answer: list(shape.invitation) }),
  invite: route({
    method: 'POST', path: '/v1/organizations/:id/invitations', access: 'session', does: 'Invites an address; the mailed link works once, for 30 days. By owners.', params: ofId,
    body: z.strictObject({ email: shape.email, role: shape.role.default('member'), projectIds: z.array(id).max(50).default([]) }), status: 201, answer: shape.invitation,
  }),
  resendInvitation: route({ method: 'POST', path: '/v1/invitations/:id/resend', access: 'session', does: 'Mails a new link; the old one is dead. By owners.', params: ofId, body: nothing, answer: shape.invitation }),
  revokeInvitation: route({ method: 'POST', path: '/v1/invitations/:id/revoke', access: 'session', does: 'Makes the link dead. By owners.', params: ofId, body: nothing, answer: shape.invitation }),
  lookInvitation: route({
    method: 'POST', path: '/v1/invitations/look', access: 'public', does: 'Shows what a link would do, without doing it.', body: z.strictObject({ token: shape.token }),
    answer: z.object({ organization: z.object({ name: z.string() }), role: shape.role, email: z.string(), next: z.enum(['accept', 'sign-in', 'create', 'sso']) }),
  }),
  acceptInvitation: route({
    method: 'POST', path: '/v1/invitations/accept', access: 'public', does: 'Spends the link: joins as the signed-in account, or makes the account of the address that the link proved (201) and signs it in.',
    body: z.strictObject({ token: shape.token, name: name.optional(), password: shape.password.optional() }), answer: z.object({ account: shape.account.optional(), session: shape.session.optional(), organization: shape.organization }),
  }),

  listProjects: route({ method: 'GET', path: '/v1/organizations/:id/projects', access: 'session', does: 'Lists projects: mine, or all of them for owners.', params: ofId, query: paged, answer: list(shape.project) }),
  createProject: route({ method: 'POST', path: '/v1/organizations/:id/projects', access: 'session', does: 'Makes a project with me in it. By owners.', params: ofId, body: z.strictObject({ name }), status: 201, answer: shape.project }),
  renameProject: route({ method: 'POST', path: '/v1/projects/:id/rename', access: 'session', does: 'Renames the project. By owners.', params: ofId, body: z.strictObject({ name }), answer: shape.project }),
  archiveProject: route({ method: 'POST', path: '/v1/projects/:id/archive', access: 'session', does: 'Archives the project: its keys stop working, its jobs still run. By owners.', params: ofId, body: nothing, answer: z.object({ project: shape.project, enforced: z.boolean() }) }),
  listProjectMembers: route({ method: 'GET', path: '/v1/projects/:id/members', access: 'session', does: 'Lists the people of the project.', params: ofId, query: paged, answer: list(shape.projectMember) }),
  addProjectMember: route({ method: 'POST', path: '/v1/projects/:id/add-member', access: 'session', does: 'Adds a member of the organization to the project. By owners.', params: ofId, body: z.strictObject({ accountId: id }), answer: shape.project }),
  removeProjectMember: route({ method: 'POST', path: '/v1/projects/:id/remove-member', access: 'session', does: 'Takes somebody out of the project; their keys in it are revoked. By owners.', params: ofId, body: z.strictObject({ accountId: id }), answer: shape.enforced }),

  issueKey: route({
    method: 'POST', path: '/v1/keys', access: 'session', does: 'Makes a key for me in a project that I am in. The secret is in this answer, this once. With `addresses` it works from these addresses and CIDR ranges alone.',
    body: z.strictObject({ name, projectId: id, expiresAt: shape.instant.optional(), scopes: z.array(shape.scope).max(50).default([]), addresses: addresses.default([]) }), status: 201, answer: z.object({ key: shape.key, secret: z.string() }),
  }),
  listKeys: route({
    method: 'GET', path: '/v1/keys', access: 'session', does: 'Lists my active keys. Owners may ask for a project or the whole organization.',
    query: z.strictObject({ ...page, projectId: id.optional(), organizationId: id.optional(), status: z.enum(['active', 'expired', 'revoked', 'all']).default('active') }), answer: list(shape.key),
  }),
  getKey: route({ method: 'GET', path: '/v1/keys/:id', access: 'session', does: 'Shows a key, never its secret; of a revoked one also the `reason` that was typed, as `revokeNote`.', params: ofId, query: z.strictObject({}), answer: shape.key.extend({ revokeNote: z.string().nullable() }) }),
  revokeKey: route({
    method: 'POST', path: '/v1/keys/:id/revoke', access: 'session', does: 'Revokes a key for good. When this answers, no gateway accepts it any more; also when it is repeated. `reason`, in your own words, is shown to whoever may see the key, and told to nobody else.', params: ofId,
    body: z.strictObject({ reason: z.string().max(200).optional() }), answer: z.object({ key: shape.key, enforced: z.literal(true), tookMs: z.number() }),
  }),
  rotateKey: route({
    method: 'POST', path: '/v1/keys/:id/rotate', access: 'session', does: 'Makes the successor of a key of mine; the old one works until the instant in the answer.', params: ofId,
    body: z.strictObject({ overlapSeconds: overlap }), status: 201, answer: z.object({ key: shape.key, secret: z.string(), replaces: id, oldKeyWorksUntil: shape.instant }),
  }),
  reportKey: route({ method: 'POST', path: '/v1/key-reports', access: 'public', does: 'Reports a leaked secret: the key it belongs to is revoked. Always the same answer.', body: z.strictObject({ secret: z.string().min(1).max(8192) }), bodyMax: 65_536, status: 202, answer: nothing }),

  listJobs: route({
    method: 'GET', path: '/v1/jobs', access: 'session', does: 'Lists jobs of my projects, the newest first.',
    query: z.strictObject({ ...page, projectId: id.optional(), status: z.enum(['submitted', 'ready', 'started', 'canceled', 'failed', 'completed']).optional() }), answer: list(shape.job),
  }),
  cancelJob: route({ method: 'POST', path: '/v1/jobs/:id/cancel', access: 'session', does: 'Cancels a job of my projects.', params: ofId, body: nothing, answer: shape.job }),

  listEvents: route({
    method: 'GET', path: '/v1/events', access: 'session-or-key', does: 'The organization\'s record from a place on, oldest first; `next` is always there, so that one can ask again for what came since. By owners, or by a key with the scope events:read that an owner made.',
    query: z.strictObject({ organizationId: id.optional(), types: recordTypes.optional(), limit: page.limit, after: shape.recordPlace.optional() }),
    answer: z.object({ items: z.array(z.object({ id, type: z.string(), at: shape.instant, organizationId: id, data: z.record(z.string(), z.unknown()) })), next: z.string() }),
  }),

  devMail: route({
    method: 'GET', path: '/dev/mail', access: 'development', does: 'Shows the mails that were caught.', query: z.strictObject({ to: z.string().max(254).optional() }),
    answer: z.object({ items: z.array(z.object({ to: z.string(), subject: z.string(), text: z.string(), html: z.string(), sentAt: shape.instant })) }),
  }),
  advanceClock: route({ method: 'POST', path: '/dev/clock/advance', access: 'development', does: 'Moves the installation\'s clock forward.', body: z.strictObject({ seconds: z.int().min(1).max(315_360_000) }), answer: z.object({ now: shape.instant }) }),
} as const;

export type RouteName = keyof typeof routes;
