import { type Letter, type LetterFields, tokenLink } from './letter.ts';
import { setNewPassword } from './password.ts';

export const addressConfirm = (told: LetterFields): Letter => ({
  subject: 'Confirm your new address',
  before: [
    'somebody, probably you, wants to move an account to this address. Confirm that the address is yours; nothing happens until you press the button on the page behind the link.',
  ],
  link: { label: 'Confirm the address', url: tokenLink(told, 'address') },
  after: [
    'The link works once and for an hour. If another is asked for, this one stops working.',
    'If it was not you, do nothing: without the link nothing is changed.',
  ],
});

export const addressTaken = ({ origin }: LetterFields): Letter => ({
  subject: 'You already have an account',
  before: [
    'somebody, perhaps you, wished to move another account to this address. It has an account already, so nothing was changed. One address has one account.',
  ],
  link: { label: 'Sign in', url: `${origin}/sign-in` },
  after: ['If it was not you, do nothing: your account is as it was, and whoever asked has learned nothing about it.'],
});

export const addressChanging = ({ origin }: LetterFields): Letter => ({
  subject: 'Your account is about to move to another address',
  before: [
    'somebody, probably you, wants to move your account to another address. It moves as soon as the link that was mailed there is opened. Then you get one more mail here, with a link that undoes it.',
    'If it was not you, cancel it now, on the page behind this link.',
  ],
  link: { label: 'Cancel the move', url: `${origin}/security` },
  after: setNewPassword(origin),
});

export const addressChanged = (told: LetterFields): Letter => ({
  subject: 'Your account has moved to another address',
  before: [
    'your account has another address now. Mails about it go there, and not here any more. If it was you, there is nothing to do.',
    'If it was not you, undo it within 7 days: the account gets this address back, all sessions end, and a new password has to be set by a link that is mailed here.',
  ],
  link: { label: 'Look at what would be undone', url: tokenLink(told, 'address/undo') },
  after: [
    'Without a second factor, whoever reads this mailbox can undo it, too. If this mailbox is not yours alone any more, set up a second factor now.',
  ],
});
