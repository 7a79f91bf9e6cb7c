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

/** What proves Ada beside her password: one authenticator, which turned multi-factor on, and a passkey that she added later. */
export const authenticatorAdded = {
  type: 'AuthenticatorAdded',
  data: { factorId: 'authenticator-1', at: '2026-02-01T00:00:00.000Z' },
  personal: { secret: 'c2VjcmV0', name: 'Phone' },
} as const satisfies AccountEvent;
export const codesIssued = {
  type: 'RecoveryCodesIssued',
  data: { count: 3, at: '2026-02-01T00:00:00.000Z' },
  personal: { salt: 'c2FsdA', digests: 'one,two,three' },
} as const satisfies AccountEvent;
export const multiFactorEnabled = { type: 'MultiFactorEnabled', data: {} } as const satisfies AccountEvent;
export const passkeyAdded = {
  type: 'PasskeyAdded',
  data: {
    factorId: 'passkey-1',
    credentialDigest: 'digest-of-credential',
    rpId: 'id.example.com',
    backupEligible: true,
    transports: ['internal'],
    aaguid: '00000000-0000-0000-0000-000000000000',
    at: '2026-03-01T00:00:00.000Z',
  },
  personal: { credentialId: 'Y3JlZA', publicKey: 'cHVibGlj', name: 'Laptop' },
} as const satisfies AccountEvent;
