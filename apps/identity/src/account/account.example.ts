import type { AccountEvent } from './vocabulary.decider.ts';

/** Example events, for tests and for reading. */
export const registered = {
  type: 'AccountRegistered',
  data: {
    emailDigest: 'digest-of-ada',
    organizationId: '01890a5d-ac96-774b-bcce-b302099a8058',
    projectId: '01890a5d-ac96-774b-bcce-b302099a8059',
    registeredAt: '2026-01-01T00:00:00.000Z',
  },
  personal: { email: 'ada@example.com', name: 'Ada' },
} as const satisfies AccountEvent;
export const passwordSet = {
  type: 'PasswordSet',
  data: { how: 'registered', scheme: 'argon2id', alone: true, at: '2026-01-01T00:00:00.000Z' },
  personal: { hash: '$argon2id$…' },
} as const satisfies AccountEvent;
export const suspended = {
  type: 'AccountSuspended',
  data: { reason: 'inactivity', suspendedAt: '2026-07-01T00:00:00.000Z', dueAt: '2026-07-01T00:00:00.000Z' },
} as const satisfies AccountEvent;
