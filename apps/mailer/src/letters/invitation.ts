import { type Letter, type LetterFields, tokenLink } from './letter.ts';

export const invitation = (told: LetterFields): Letter => ({
  subject: 'You are invited to an organization',
  before: [
    'an owner of an organization has invited you to join it. The page behind the link shows which organization it is and what you could do there; nothing happens until you press its button.',
  ],
  link: { label: 'Look at the invitation', url: tokenLink(told, 'invitation') },
  after: [
    'The link works once and for 30 days, and only for this address. If the invitation is sent again, the older link stops working.',
    'If you do not know what this is about, do nothing.',
  ],
});
