import { type Letter, type LetterFields, tokenLink } from './letter.ts';

export const signUp = (told: LetterFields): Letter => ({
  subject: 'Confirm your address',
  before: [
    'somebody, probably you, asked for an account with this address. Confirm that the address is yours; on the page you then choose your name and a password.',
  ],
  link: { label: 'Confirm the address', url: tokenLink(told, 'verify') },
  after: [
    'The link works once and for 24 hours, on any device.',
    'If it was not you, do nothing: without the link no account is made.',
  ],
});

export const alreadyRegistered = ({ origin }: LetterFields): Letter => ({
  subject: 'You already have an account',
  before: [
    'somebody, probably you, asked for a new account with this address. It has an account already, so no other was made. You can simply sign in.',
  ],
  link: { label: 'Sign in', url: `${origin}/sign-in` },
  after: ['If it was not you, do nothing: your account is as it was, and whoever asked has learned nothing about it.'],
});
