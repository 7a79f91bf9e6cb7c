import { z } from 'zod';
import { fact } from './fact.ts';

const id = z.uuid();
const topic = 'identity.accounts';
const logins = 'identity.logins';
const accountId = '01890a5d-ac96-774b-bcce-b302099a8057';
const otherId = '01890a5d-ac96-774b-bcce-b302099a8058';
const at = '2026-01-01T00:00:00.000Z';
const factorKind = z.enum(['authenticator', 'passkey']);
const removalReason = z.enum(['holder', 'address-undone', 'recovery', 'cloned']);

/** What identity tells the others. Ids only: who needs an address asks identity at the moment of need. */
export const accountFacts = {
  'SignUpRequested.v1': fact({
    name: 'SignUpRequested.v1',
    topic,
    says: 'Somebody asked to sign up; a link may be mailed to the address that identity holds.',
    schema: z.object({
      signUpId: id,
      registered: z.boolean(),
      /** The domain's people sign in at their organization's provider: a link, if there is one, ties what it vouches for to a new account. */
      singleSignOn: z.literal(true).optional(),
    }),
    example: { signUpId: '01890a5d-ac96-774b-bcce-b302099a8057', registered: false },
  }),
  'AccountRegistered.v1': fact({
    name: 'AccountRegistered.v1',
    topic,
    says: 'The account exists, its address is proved, and organization creates its first organization and project under these ids.',
    schema: z.object({ accountId: id, organizationId: id, projectId: id, registeredAt: z.iso.datetime() }),
    example: {
      accountId: '01890a5d-ac96-774b-bcce-b302099a8057',
      organizationId: '01890a5d-ac96-774b-bcce-b302099a8058',
      projectId: '01890a5d-ac96-774b-bcce-b302099a8059',
      registeredAt: '2026-01-01T00:00:00.000Z',
    },
  }),
  'AccountSuspended.v1': fact({
    name: 'AccountSuspended.v1',
    topic,
    says: 'The account may neither sign in nor use the API until it is reactivated.',
    schema: z.object({ accountId: id, reason: z.enum(['inactivity', 'operator']), suspendedAt: z.iso.datetime() }),
    example: {
      accountId: '01890a5d-ac96-774b-bcce-b302099a8057',
      reason: 'inactivity',
      suspendedAt: '2026-01-01T00:00:00.000Z',
    },
  }),
  'AccountReactivated.v1': fact({
    name: 'AccountReactivated.v1',
    topic,
    says: 'The suspension is over; the inactivity clock starts anew.',
    schema: z.object({ accountId: id, reactivatedAt: z.iso.datetime() }),
    example: { accountId: '01890a5d-ac96-774b-bcce-b302099a8057', reactivatedAt: '2026-01-01T00:00:00.000Z' },
  }),
  'LoginRecorded.v1': fact({
    name: 'LoginRecorded.v1',
    topic: 'identity.logins',
    says: 'The account holder completed a sign-in.',
    schema: z.object({
      accountId: id,
      sessionId: id,
      method: z.enum(['password', 'sign-up', 'invitation']),
      at: z.iso.datetime(),
    }),
    example: { accountId, sessionId: otherId, method: 'password', at },
    next: {
      name: 'LoginRecorded.v2',
      upcast: ({ method, ...data }) => ({ ...data, methods: [method], newDevice: false }),
    },
  }),
  'LoginRecorded.v2': fact({
    name: 'LoginRecorded.v2',
    topic: logins,
    says: 'The account holder completed a sign-in, by these proofs; `newDevice`: in a browser that the account had not signed in from.',
    schema: z.object({
      accountId: id,
      sessionId: id,
      methods: z.array(
        z.enum([
          'password',
          'link',
          'new-password',
          'totp',
          'recovery-code',
          'passkey',
          'sso',
          'sign-up',
          'invitation',
          'complete',
        ]),
      ),
      newDevice: z.boolean(),
      at: z.iso.datetime(),
    }),
    example: { accountId, sessionId: otherId, methods: ['password', 'totp'], newDevice: true, at },
  }),
  'SignInsRefused.v1': fact({
    name: 'SignInsRefused.v1',
    topic: logins,
    says: 'Somebody guesses at the account: its password, or its second factor when they know the password. Said once a day and kind.',
    schema: z.object({ accountId: id, kind: z.enum(['password', 'second-factor']), at: z.iso.datetime() }),
    example: { accountId, kind: 'second-factor', at },
  }),
  'PasswordSet.v1': fact({
    name: 'PasswordSet.v1',
    topic,
    says: 'The account has another password: its holder changed it, or reset it by a mailed link.',
    schema: z.object({ accountId: id, how: z.enum(['change', 'reset']) }),
    example: { accountId, how: 'reset' },
  }),
  'PasswordWithdrawn.v1': fact({
    name: 'PasswordWithdrawn.v1',
    topic,
    says: 'The password opens the account no more, until it is reset.',
    schema: z.object({ accountId: id, reason: z.enum(['address-undone', 'recovery']) }),
    example: { accountId, reason: 'address-undone' },
  }),
  'AuthenticatorAdded.v1': fact({
    name: 'AuthenticatorAdded.v1',
    topic,
    says: 'The account has one more authenticator app.',
    schema: z.object({ accountId: id, factorId: id }),
    example: { accountId, factorId: otherId },
  }),
  'PasskeyAdded.v1': fact({
    name: 'PasskeyAdded.v1',
    topic,
    says: 'The account has one more passkey.',
    schema: z.object({ accountId: id, factorId: id }),
    example: { accountId, factorId: otherId },
  }),
  'FactorRemoved.v1': fact({
    name: 'FactorRemoved.v1',
    topic,
    says: 'An authenticator or a passkey proves the account no more.',
    schema: z.object({ accountId: id, factorId: id, kind: factorKind, reason: removalReason }),
    example: { accountId, factorId: otherId, kind: 'passkey', reason: 'holder' },
  }),
  'PasskeyCloned.v1': fact({
    name: 'PasskeyCloned.v1',
    topic,
    says: 'The signature counter of a passkey went back: a copy of it is about. The sign-in was refused.',
    schema: z.object({ accountId: id, factorId: id }),
    example: { accountId, factorId: otherId },
  }),
  'RecoveryCodesIssued.v1': fact({
    name: 'RecoveryCodesIssued.v1',
    topic,
    says: 'The account has new recovery codes; those of before are dead.',
    schema: z.object({ accountId: id, count: z.int() }),
    example: { accountId, count: 10 },
  }),
  'RecoveryCodeSpent.v1': fact({
    name: 'RecoveryCodeSpent.v1',
    topic,
    says: 'Somebody signed in by a recovery code; so many are left.',
    schema: z.object({ accountId: id, left: z.int() }),
    example: { accountId, left: 9 },
  }),
  'MultiFactorEnabled.v1': fact({
    name: 'MultiFactorEnabled.v1',
    topic,
    says: 'Signing in asks for a second factor from now on.',
    schema: z.object({ accountId: id }),
    example: { accountId },
  }),
  'MultiFactorDisabled.v1': fact({
    name: 'MultiFactorDisabled.v1',
    topic,
    says: 'Signing in asks for no second factor any more.',
    schema: z.object({ accountId: id, reason: removalReason }),
    example: { accountId, reason: 'holder' },
  }),
  'AddressChangeRequested.v1': fact({
    name: 'AddressChangeRequested.v1',
    topic,
    says: 'The account is to move to another address, once the link that is mailed there is opened.',
    schema: z.object({ accountId: id, requestedAt: z.iso.datetime(), by: z.literal('provider').optional() }),
    example: { accountId, requestedAt: at },
  }),
  'AddressChanged.v1': fact({
    name: 'AddressChanged.v1',
    topic,
    says: 'The account has another address; for seven days a link in the old mailbox undoes it, unless the provider of its organization has changed it.',
    schema: z.object({ accountId: id, changedAt: z.iso.datetime(), by: z.literal('provider').optional() }),
    example: { accountId, changedAt: at },
  }),
  'AddressRestored.v1': fact({
    name: 'AddressRestored.v1',
    topic,
    says: 'The account has its former address again.',
    schema: z.object({ accountId: id }),
    example: { accountId },
  }),
  'FactorRecoveryRequested.v1': fact({
    name: 'FactorRecoveryRequested.v1',
    topic,
    says: 'Somebody who has the password or the mailbox says that all second factors are lost.',
    schema: z.object({ accountId: id, requestedAt: z.iso.datetime() }),
    example: { accountId, requestedAt: at },
  }),
  'FactorRecoveryApproved.v1': fact({
    name: 'FactorRecoveryApproved.v1',
    topic,
    says: 'An operator has approved it: from `dueAt` on the factors may be removed, unless the holder cancels.',
    schema: z.object({ accountId: id, dueAt: z.iso.datetime() }),
    example: { accountId, dueAt: '2026-01-04T00:00:00.000Z' },
  }),
  'BindingLinkSent.v1': fact({
    name: 'BindingLinkSent.v1',
    topic,
    says: "Somebody signed in at the organization's identity provider with this account's address; a mail asks whether it was its holder.",
    schema: z.object({ accountId: id, connectionId: id }),
    example: { accountId, connectionId: otherId },
  }),
  'SubjectBound.v1': fact({
    name: 'SubjectBound.v1',
    topic,
    says: "The holder signs in through the organization's identity provider from now on.",
    schema: z.object({ accountId: id, connectionId: id }),
    example: { accountId, connectionId: otherId },
  }),
  'SubjectUnbound.v1': fact({
    name: 'SubjectUnbound.v1',
    topic,
    says: 'Nobody at the provider of this connection is the holder of this account any more.',
    schema: z.object({ accountId: id, connectionId: id }),
    example: { accountId, connectionId: otherId },
  }),
  'BindingRefused.v1': fact({
    name: 'BindingRefused.v1',
    topic,
    says: "Somebody signed in at the organization's identity provider with this account's address who is another person there than its holder. Said once a day.",
    schema: z.object({ accountId: id, organizationId: id, connectionId: id }),
    example: { accountId, organizationId: otherId, connectionId: otherId },
  }),
  'FactorRecoveryDue.v1': fact({
    name: 'FactorRecoveryDue.v1',
    topic,
    says: 'The 72 hours are over: the holder may remove the factors by a mailed link.',
    schema: z.object({ accountId: id }),
    example: { accountId },
  }),
  'PasswordResetRequested.v1': fact({
    name: 'PasswordResetRequested.v1',
    topic,
    says: 'Somebody asked to set a new password; a link may be mailed to the address that identity holds.',
    schema: z.object({ linkId: id }),
    example: { linkId: otherId },
  }),
  'ReactivationRequested.v1': fact({
    name: 'ReactivationRequested.v1',
    topic,
    says: 'Somebody asked to bring a suspended account back; a link may be mailed to the address that identity holds.',
    schema: z.object({ linkId: id }),
    example: { linkId: otherId },
  }),
  'FactorRecoveryAsked.v1': fact({
    name: 'FactorRecoveryAsked.v1',
    topic,
    says: 'Somebody in the middle of signing in says that all second factors are lost; a link is mailed to the address that identity holds.',
    schema: z.object({ linkId: id }),
    example: { linkId: otherId },
  }),
  'FactorRecoveryCanceled.v1': fact({
    name: 'FactorRecoveryCanceled.v1',
    topic,
    says: 'The factors stay: the holder said no, or has shown one of them.',
    schema: z.object({ accountId: id }),
    example: { accountId },
  }),
} as const;
