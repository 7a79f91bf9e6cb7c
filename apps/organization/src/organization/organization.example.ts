import type { OrganizationEvent } from './vocabulary.decider.ts';

/** Example events, for tests and for reading. */
const P = '01890a5d-ac96-774b-bcce-b302099a8071';
export const ids = {
  ada: '01890a5d-ac96-774b-bcce-b302099a8061',
  bob: '01890a5d-ac96-774b-bcce-b302099a8062',
  cleo: '01890a5d-ac96-774b-bcce-b302099a8063',
  project: P,
} as const;
export const created = {
  type: 'OrganizationCreated',
  data: { name: 'Acme', ownerId: ids.ada },
} as const satisfies OrganizationEvent;
export const bobJoined = {
  type: 'MemberJoined',
  data: { accountId: ids.bob, role: 'member' },
} as const satisfies OrganizationEvent;
export const bobPromoted = {
  type: 'MemberRoleChanged',
  data: { accountId: ids.bob, role: 'owner' },
} as const satisfies OrganizationEvent;
export const bobRemoved = {
  type: 'MemberRemoved',
  data: { accountId: ids.bob, reason: 'removed' },
} as const satisfies OrganizationEvent;
export const projectCreated = {
  type: 'ProjectCreated',
  data: { projectId: P, name: 'Chemistry', accountId: ids.ada },
} as const satisfies OrganizationEvent;
export const projectArchived = { type: 'ProjectArchived', data: { projectId: P } } as const satisfies OrganizationEvent;
export const bobInProject = {
  type: 'ProjectMemberAdded',
  data: { projectId: P, accountId: ids.bob },
} as const satisfies OrganizationEvent;
