import { type Letter, type LetterFields, tokenLink } from './letter.ts';

export const reactivation = (told: LetterFields): Letter => ({
  subject: 'Bring your account back',
  before: [
    'somebody, probably you, wants to bring your suspended account back. On the page behind the link you prove that it is you, as when you sign in; then a button does it.',
  ],
  link: { label: 'Bring the account back', url: tokenLink(told, 'reactivate') },
  after: [
    'The link works once and for 24 hours. Your keys work again as soon as the account is back.',
    'If it was not you, do nothing: the account stays suspended, and the link alone opens nothing.',
  ],
});

export const reactivated = ({ origin }: LetterFields): Letter => ({
  subject: 'Your account is back',
  before: ['your account is not suspended any more. You can sign in, and your keys work again as they did before.'],
  link: { label: 'Sign in', url: `${origin}/sign-in` },
  after: [
    'If it was neither you nor somebody who runs this installation, set a new password, which ends all other sessions:',
    `${origin}/forgot`,
  ],
});
