import type { KeyEvent } from './key.decider.ts';

/** Example events, for tests and for reading. */
export const issued = {
  type: 'KeyIssued',
  data: {
    accountId: '01890a5d-ac96-774b-bcce-b302099a8057',
    projectId: '01890a5d-ac96-774b-bcce-b302099a8058',
    organizationId: '01890a5d-ac96-774b-bcce-b302099a8059',
    name: 'laptop',
    digest: 'ab'.repeat(32),
    start: 'rck_…a1B2c3',
    scopes: [],
    worksUntil: null,
    replaces: null,
  },
} as const satisfies KeyEvent;
/** One that works from two places. */
export const bound = {
  ...issued,
  data: { ...issued.data, addresses: ['203.0.113.0/24', '2001:db8::7'] },
} as const satisfies KeyEvent;
const { projectId, accountId, organizationId } = issued.data;
export const rotated = {
  type: 'KeyRotated',
  data: {
    projectId,
    accountId,
    replacedBy: '01890a5d-ac96-774b-bcce-b302099a8060',
    worksUntil: '2026-01-02T00:00:00.000Z',
  },
} as const satisfies KeyEvent;
export const renamed = {
  type: 'KeyRenamed',
  data: { projectId, accountId, name: 'build server' },
} as const satisfies KeyEvent;
export const revoked = {
  type: 'KeyRevoked',
  data: { projectId, accountId, reason: 'requested' },
} as const satisfies KeyEvent;
/** One that was revoked with a word. */
export const revokedWithNote = {
  ...revoked,
  data: { ...revoked.data, note: 'The laptop was stolen in the train.' },
} as const satisfies KeyEvent;
export const leakReported = {
  type: 'KeyLeakReported',
  data: { projectId, organizationId, accountId },
} as const satisfies KeyEvent;
/** A key that ends, and the first reminder of it. */
export const ending = {
  ...issued,
  data: { ...issued.data, worksUntil: '2026-01-15T00:00:00.000Z' },
} as const satisfies KeyEvent;
export const expiring = {
  type: 'KeyExpiring',
  data: {
    projectId,
    organizationId,
    accountId,
    name: 'laptop',
    projectName: 'Mill',
    expiresAt: ending.data.worksUntil,
    days: 14,
    daysLeft: 14,
  },
} as const satisfies KeyEvent;
