import { type Letter, type LetterFields, needed, tokenLink } from './letter.ts';

const signIn = ({ origin }: LetterFields): Letter['link'] => ({
  label: "Sign in at your organization's provider",
  url: `${origin}/sign-in`,
});
/** An organization by a domain that it has proved: its name is a text that a person typed. */
const organizationOf = (told: LetterFields) => `the organization of ${needed(told, 'domain')}`;
const ends = [
  'The link works once and for 30 minutes, in the browser that the sign-in was begun in.',
  'If it was not you, if you have not signed in anywhere just now, ignore this mail: without the link nothing is changed. Never pass it on to anybody, whoever asks for it.',
];

export const bindingLink = (told: LetterFields): Letter => ({
  subject: 'Finish signing in by your organization',
  before: [
    `somebody, probably you, has just signed in at the identity provider of ${organizationOf(told)}, with this address. Your account is not tied to anybody there yet. If it was you, open this link in the same browser: from then on that is how you sign in.`,
  ],
  link: { label: 'Go on signing in', url: tokenLink(told, 'sso/bind') },
  after: ends,
});

export const joiningLink = (told: LetterFields): Letter => ({
  subject: 'Confirm your address, and you are in',
  before: [
    `somebody, probably you, has just signed in at the identity provider of ${organizationOf(told)}, with this address, and has no account here yet. If it was you, open this link in the same browser: it makes your account, without a password.`,
  ],
  link: { label: 'Confirm the address', url: tokenLink(told, 'sso/bind') },
  after: ends,
});

export const signInInstead = (told: LetterFields): Letter => ({
  subject: 'Sign in at your organization',
  before: [
    `somebody, probably you, asked for an account or for a new password with this address. People of ${organizationOf(told)} sign in at its own identity provider alone, so no link was made: there is no password to set. Give this address at the page behind the link, and go on there.`,
  ],
  link: signIn(told),
  after: ['If it was not you, do nothing: nothing has changed, and whoever asked has learned nothing about you.'],
});

export const subjectBound = (told: LetterFields): Letter => ({
  subject: "You sign in at your organization's provider now",
  before: [
    `your account is tied to you at the identity provider of ${organizationOf(told)}: that is how you sign in from now on. API keys go on.`,
  ],
  link: signIn(told),
  after: [
    'If it was not you, tell an owner of your organization at once: they can end that tie, which ends its sessions as well.',
  ],
});

export const subjectUnbound = (told: LetterFields): Letter => ({
  subject: 'Your account is not tied to a provider any more',
  before: [
    'an owner of your organization has ended the tie between your account and its identity provider, and the sessions that came from there have ended. API keys go on.',
    'Sign in as before: where the organization still has its people sign in at its provider, you are asked by mail once more whether it is you; elsewhere a password counts again once you have followed a mailed link.',
  ],
  link: { label: 'Sign in', url: `${told.origin}/sign-in` },
  after: ['If you do not know why, ask the owners of your organization.'],
});

export const bindingRefused = (told: LetterFields): Letter => ({
  subject: 'Two people at your provider, one account',
  before: [
    `somebody has signed in at the identity provider of your organization with the address of the account ${needed(told, 'accountId')}, and is another person there than the one that the account is tied to. They were not let in.`,
    'That happens when a person was made anew at the provider, or when an address went from one person to another. In the first case an owner ends the tie of that account; the person signs in once more and confirms it by mail. In the second, the account of the former holder gets another address first, or is removed.',
  ],
  link: { label: 'Look at your organization', url: `${told.origin}/sign-in` },
  after: [
    'If you do not know of either, ask whoever runs the provider: somebody there may have taken a foreign address.',
  ],
});

export const addressFollowed = (told: LetterFields): Letter => ({
  subject: 'Your account has another address',
  before: [
    'your address has changed at the identity provider of your organization, so it is another here, too. Both addresses get this letter; those that follow go to the new one. You sign in as before.',
  ],
  link: signIn(told),
  after: [
    'If it was not you, or you do not know of it, ask whoever runs the provider: your address can be changed there alone.',
  ],
});
