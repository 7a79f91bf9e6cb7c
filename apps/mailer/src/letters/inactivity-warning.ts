import { dateAndZone, type Letter, type LetterFields, needed } from './letter.ts';

export const inactivityWarning = (told: LetterFields): Letter => ({
  subject: 'Your account will be suspended for inactivity',
  before: [
    'for a long time nobody has signed in to your account or used it through the API.',
    `If that stays so, the account will be suspended on ${dateAndZone(needed(told, 'suspendAt'))}.`,
    'What stops then: signing in, your sessions, and the API, which will refuse your keys. What is kept: your account, your organizations and projects, your keys (they work again when you come back) and the jobs in the queue.',
    'To stay active, sign in before that date; one sign-in, or one accepted use of an API key, is enough. Opening the link alone does not count.',
  ],
  link: { label: 'Sign in', url: `${told.origin}/sign-in` },
  after: ['If you do not need the account any more, do nothing.'],
});
