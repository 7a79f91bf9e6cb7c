import { dateAndZone, type Letter, type LetterFields, needed, tokenLink } from './letter.ts';
import { security, setNewPassword } from './password.ts';

export const recoveryConfirm = (told: LetterFields): Letter => ({
  subject: 'All second factors are lost: is that so?',
  before: [
    'somebody, probably you, says that all second factors of your account are lost, and asks to have them removed. If that is so, confirm it on the page behind the link. Then an operator of this installation looks at it.',
  ],
  link: { label: 'Look at the request', url: tokenLink(told, 'recovery') },
  after: [
    'The link works once and for an hour.',
    'Nothing is removed before 72 hours have passed from when the operator agrees, and you are told.',
    'If it was not you, do not confirm it.',
    ...setNewPassword(told.origin),
  ],
});

export const recoveryApproved = (told: LetterFields): Letter => ({
  subject: 'Your second factors can be removed soon',
  before: [
    `an operator has agreed that all second factors of your account may be removed. That is possible from ${dateAndZone(needed(told, 'dueAt'))} on; then you get a link by mail.`,
    'If you did not ask for it, or have found a factor again, cancel it on the page behind this link. Signing in with any of your factors cancels it as well.',
  ],
  link: { label: 'Cancel it', url: tokenLink(told, 'recovery/cancel') },
  after: ['If you did ask for it, wait until then: nobody can make it faster.'],
});

export const recoveryApprovedCoOwners = (told: LetterFields): Letter => ({
  subject: 'Somebody in your organization has lost all factors',
  before: [
    `an operator has agreed that all second factors of the account ${needed(told, 'accountId')} may be removed, as its holder says that they are lost. That is possible from ${dateAndZone(needed(told, 'dueAt'))} on. The account belongs to an organization that you own.`,
    'Please ask this person, not by mail, whether they have asked for it. If they have, there is nothing to do.',
  ],
  link: { label: 'Look at your organizations', url: `${told.origin}/sign-in` },
  after: [
    'If you do not know of it and cannot reach them, somebody else may be on the way into their account: remove the account from your organization, which ends its keys there, or ask whoever runs this installation.',
  ],
});

export const recoveryCanceled = ({ origin }: LetterFields): Letter => ({
  subject: 'Your second factors stay',
  before: [
    'the request to remove all second factors of your account was canceled, by the link that we had mailed or because one of the factors was used. Nothing has changed.',
  ],
  link: security(origin),
  after: [
    'If it was not you who asked for it, somebody knows your password or reads your mail. Change the passwords of both:',
    `${origin}/reset`,
  ],
});

export const recoveryReady = (told: LetterFields): Letter => ({
  subject: 'Your second factors can be removed now',
  before: [
    'the 72 hours have passed. On the page behind the link you remove all second factors of your account. Signing in asks for the password alone then; please set up a new factor at once. If your password is too short to stand alone, it has to be reset.',
  ],
  link: { label: 'Remove all second factors', url: tokenLink(told, 'recovery/complete') },
  after: [
    'The link works once. If you have found a factor again, do not follow it, but sign in: that ends it.',
    'If you did not ask for it, sign in now with one of your factors, which ends it, and set a new password:',
    `${told.origin}/reset`,
  ],
});
