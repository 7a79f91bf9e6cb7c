import { type Letter, type LetterFields, tokenLink } from './letter.ts';

/** What to do when somebody else has got in. A new password ends every session. */
export const setNewPassword = (origin: string): readonly string[] => [
  'If it was not you, somebody else can get into your account. Set a new password at once, which ends all sessions:',
  `${origin}/forgot`,
];

export const security = (origin: string): Letter['link'] => ({
  label: 'Look at your security settings',
  url: `${origin}/security`,
});

export const passwordReset = (told: LetterFields): Letter => ({
  subject: 'Set a new password',
  before: [
    'somebody, probably you, has forgotten the password of your account. On the page behind the link you choose a new one. If your account has a second factor, it is asked for as well.',
  ],
  link: { label: 'Set a new password', url: tokenLink(told, 'reset') },
  after: [
    'The link works once and for 30 minutes. When the new password is set, all other sessions end.',
    'If it was not you, do nothing: your password is as it was. Never pass the link on to anybody, whoever asks for it.',
  ],
});

export const passwordChanged = ({ origin }: LetterFields): Letter => ({
  subject: 'Your password was changed',
  before: [
    'the password of your account was changed, and all other sessions have ended. If it was you, there is nothing to do.',
  ],
  link: security(origin),
  after: setNewPassword(origin),
});

export const newDevice = ({ origin }: LetterFields): Letter => ({
  subject: 'Your account was signed in to from a new browser',
  before: [
    'somebody has signed in to your account in a browser that it had not been signed in from before. If it was you, there is nothing to do.',
    'On the page behind the link you see which browser it was, and can end its session.',
  ],
  link: { label: 'Look at your sessions', url: `${origin}/security` },
  after: setNewPassword(origin),
});

export const passwordGuessed = ({ origin }: LetterFields): Letter => ({
  subject: 'Somebody tries to guess your password',
  before: [
    'somebody has given many wrong passwords for your account. They have not got in, and we have slowed them down: for a while passwords may not be taken from browsers that your account does not know. Those that you have signed in from, and passkeys, work as before.',
    'You need not do anything, if your password is one that you use nowhere else. If you cannot sign in, set a new password by a mailed link.',
  ],
  link: { label: 'Set a new password', url: `${origin}/forgot` },
  after: [`A second factor keeps out even who guesses right. You can add one here:`, `${origin}/security`],
});

export const passwordKnown = ({ origin }: LetterFields): Letter => ({
  subject: 'Somebody knows your password',
  before: [
    'somebody has given your right password several times, and then a wrong code of your second factor. The second factor has kept them out. If it was you who mistyped the codes, there is nothing to do.',
    'If it was not you, your password is known to somebody else. Set a new one, here and wherever else you use it.',
  ],
  link: { label: 'Set a new password', url: `${origin}/forgot` },
  after: ['Never tell a code to anybody, whoever asks for it. We never do.'],
});
