import { z } from 'zod';
import { fact } from './fact.ts';

const id = z.uuid();
const instant = z.iso.datetime();
const topic = 'inactivity-policy.decisions';
const A = '01890a5d-ac96-774b-bcce-b302099a8057';
const T = '2026-01-01T00:00:00.000Z';

/** What inactivity-policy tells the others. */
export const inactivityFacts = {
  'InactivityWarningIssued.v1': fact({
    name: 'InactivityWarningIssued.v1',
    topic,
    says: 'The account is about to go inactive; the warning with this message id is to be mailed.',
    schema: z.object({ accountId: id, messageId: id, dueAt: instant, suspendAt: instant }),
    example: { accountId: A, messageId: A, dueAt: T, suspendAt: T },
  }),
  'DormancyReached.v1': fact({
    name: 'DormancyReached.v1',
    topic,
    says: 'The account was inactive for the whole threshold, was told in time, and this is the evidence.',
    schema: z.object({
      accountId: id,
      dueAt: instant,
      reachedAt: instant,
      policyVersion: z.int(),
      warningMessageId: id,
      noticeServedAt: instant,
      lastActivity: z.object({ signIn: instant.nullable(), session: instant.nullable(), api: instant.nullable() }),
      watermark: z.string().nullable(),
    }),
    example: {
      accountId: A,
      dueAt: T,
      reachedAt: T,
      policyVersion: 1,
      warningMessageId: A,
      noticeServedAt: T,
      lastActivity: { signIn: T, session: null, api: null },
      watermark: null,
    },
  }),
} as const;
