import { dateAndZone, type Letter, type LetterFields, needed } from './letter.ts';

const signIn = (origin: string) => ({ label: 'Look at your organization', url: `${origin}/sign-in` });
/** What owners do who have not decided it. */
const unknown =
  'If you do not know of it, ask the other owners: whoever did it is one of you, and had proved it a few minutes before.';

export const singleSignOnEnforced = ({ origin }: LetterFields): Letter => ({
  subject: 'How your organization signs in has changed',
  before: [
    "an owner of your organization has enforced single sign-on, or has changed what holds for it, or its identity provider has published another certificate. Members with an address in the organization's domains sign in at its identity provider alone: passwords, passkeys and mailed links of theirs open nothing. API keys go on.",
  ],
  link: signIn(origin),
  after: [unknown],
});

export const singleSignOnOff = ({ origin, by }: LetterFields): Letter => ({
  subject: 'Single sign-on of your organization is off',
  before: [
    by === 'operator'
      ? 'an operator of this installation has turned single sign-on of your organization off.'
      : 'an owner of your organization has turned single sign-on off.',
    'Sessions that the identity provider had opened have ended. Each password works again once its holder has followed a mailed link. API keys go on.',
  ],
  link: signIn(origin),
  after: [unknown],
});

export const singleSignOnEnding = (told: LetterFields): Letter => ({
  subject: 'Single sign-on of your organization will be off',
  before: [
    `somebody has asked whoever runs this installation to turn single sign-on of your organization off, as nobody gets in by it. That will be on ${dateAndZone(needed(told, 'dueAt'))}.`,
  ],
  link: signIn(told.origin),
  after: ['If you do not know of it, sign in and enforce the connection again before then: it stays.'],
});

export const breakGlassUsed = ({ origin }: LetterFields): Letter => ({
  subject: 'Somebody signed in without your identity provider',
  before: [
    'the owner of your organization who may sign in without the identity provider has done so: with their own password or passkey and second factor.',
  ],
  link: signIn(origin),
  after: ['If you do not know why, ask them, not by mail. If it was not they, take the ownership from that account.'],
});

export const domainMissing = (told: LetterFields): Letter => ({
  subject: 'The proof of a domain of yours is missing',
  before: [
    `the DNS record that proves that ${needed(told, 'domain')} belongs to your organization has been missing since ${dateAndZone(needed(told, 'since'))}. Nothing has changed yet.`,
    'After 72 hours another organization that proves the domain gets it. After 30 days nobody new can be bound to an account by it.',
  ],
  link: { label: 'See which record it was', url: `${told.origin}/sign-in` },
  after: ['Set the record again: it is looked for every day. If you do not need the domain any more, release it.'],
});

export const domainLapsed = (told: LetterFields): Letter => ({
  subject: 'A domain of your organization has lapsed',
  before: [
    `the DNS record that proves that ${needed(told, 'domain')} belongs to your organization has been missing for 30 days. Whoever signs in by your identity provider goes on to; nobody new can, and passwords stay off.`,
  ],
  link: { label: 'See which record it was', url: `${told.origin}/sign-in` },
  after: ['Set the record again: it is looked for every day. If you do not need the domain any more, release it.'],
});

export const domainLost = (told: LetterFields): Letter => ({
  subject: 'A domain of yours went to another organization',
  before: [
    `another organization has proved by DNS that ${needed(told, 'domain')} belongs to it, while your proof had been missing for more than 72 hours. Its addresses sign in by your identity provider no more.`,
  ],
  link: signIn(told.origin),
  after: [
    'If you do not know of it and the domain is yours, somebody else can write its DNS: look there first. Then set your record again and verify the domain.',
  ],
});

export const certificateExpiring = (told: LetterFields): Letter => ({
  subject: 'A certificate of your identity provider ends soon',
  before: [
    `the certificate that your identity provider signs with ends on ${dateAndZone(needed(told, 'expiresAt'))}. Signing in works afterwards, too, as long as the provider signs with it; with another one it works once you have told us that one.`,
  ],
  link: signIn(told.origin),
  after: [
    'If you do not know whether the provider gets another certificate, ask whoever runs it. Then give us the new one, test it, and enforce it.',
  ],
});
