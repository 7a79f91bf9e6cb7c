import type { Letter, LetterFields } from './letter.ts';

const REASONS = {
  inactivity: {
    subject: 'Your account was suspended for inactivity',
    why: 'because nobody had signed in to it or used it through the API for a long time',
    back: 'You can come back by yourself, at any time: on the page behind this link you ask for a mail, and prove that it is you.',
  },
  operator: {
    subject: 'Your account was suspended',
    why: 'by an operator of this installation',
    back: 'Only they can bring it back: please ask whoever runs this installation. The page behind this link says so again once you have proved that it is you.',
  },
} as const;

export function suspended({ origin, reason = 'operator' }: LetterFields): Letter {
  const { subject, why, back } = REASONS[reason];
  return {
    subject,
    before: [
      `your account was suspended ${why}. Signing in is off, your sessions have ended, and the API refuses your keys.`,
      'Nothing is lost: your organizations and projects, your keys and the jobs in the queue are kept. The keys are not revoked and work again when the account is reactivated.',
      back,
    ],
    link:
      reason === 'inactivity'
        ? { label: 'Come back', url: `${origin}/reactivate` }
        : { label: 'Sign in', url: `${origin}/sign-in` },
    after: ['If you do not need the account any more, do nothing.'],
  };
}
