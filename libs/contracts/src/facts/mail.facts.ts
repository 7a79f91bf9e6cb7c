import { z } from 'zod';
import { fact } from './fact.ts';

const id = z.uuid();
const instant = z.iso.datetime();
const topic = 'mailer.mails';
const A = '01890a5d-ac96-774b-bcce-b302099a8057';
const T = '2026-01-01T00:00:00.000Z';

/** What mailer tells the others. Never an address. */
export const mailFacts = {
  'MailAccepted.v1': fact({
    name: 'MailAccepted.v1',
    topic,
    says: 'The mail server took the message.',
    schema: z.object({ messageId: id, acceptedAt: instant }),
    example: { messageId: A, acceptedAt: T },
  }),
  'MailBounced.v1': fact({
    name: 'MailBounced.v1',
    topic,
    says: 'The mail server refused the message, or one behind it returned it: then after it was accepted.',
    schema: z.object({ messageId: id, bounce: z.enum(['hard', 'soft']), bouncedAt: instant }),
    example: { messageId: A, bounce: 'hard', bouncedAt: T },
  }),
} as const;
