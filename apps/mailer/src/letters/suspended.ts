import type { Letter, LetterFields } from './letter.ts';

const REASONS = {
  inactivity: 'because nobody had signed in to it or used it through the API for a long time',
  operator: 'by an operator of this installation',
} as const;

export const suspended = ({ origin, reason = 'operator' }: LetterFields): Letter => ({
  subject: reason === 'inactivity' ? 'Your account was suspended for inactivity' : 'Your account was suspended',
  before: [
    `your account was suspended ${REASONS[reason]}. Signing in is off, your sessions have ended, and the API refuses your keys.`,
    'Nothing is lost: your organizations and projects, your keys and the jobs in the queue are kept. The keys are not revoked and work again when the account is reactivated.',
  ],
  link: { label: 'See how to come back', url: `${origin}/sign-in` },
  after: ['If you do not need the account any more, do nothing.'],
});
