import { z } from 'zod';
import { fact } from './fact.ts';

const id = z.uuid();
const topic = 'identity.accounts';

/** What identity tells the others. Ids only: who needs an address asks identity at the moment of need. */
export const accountFacts = {
  'SignUpRequested.v1': fact({
    name: 'SignUpRequested.v1',
    topic,
    says: 'Somebody asked to sign up; a link may be mailed to the address that identity holds.',
    schema: z.object({ signUpId: id, registered: z.boolean() }),
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
    example: {
      accountId: '01890a5d-ac96-774b-bcce-b302099a8057',
      sessionId: '01890a5d-ac96-774b-bcce-b302099a8058',
      method: 'password',
      at: '2026-01-01T00:00:00.000Z',
    },
  }),
} as const;
