import { dateAndZone, type Letter, type LetterFields, needed } from './letter.ts';

export const keyMade = ({ origin }: LetterFields): Letter => ({
  subject: 'An API key was made in your account',
  before: ['a new API key was made that acts as you. If it was you, there is nothing to do.'],
  link: { label: 'Look at your keys', url: `${origin}/sign-in` },
  after: [
    'If it was not you, revoke the key, and then set a new password, as somebody has signed in as you. It ends all other sessions:',
    `${origin}/reset`,
  ],
});

export const keyLeaked = ({ origin }: LetterFields): Letter => ({
  subject: 'An API key of yours has leaked and was revoked',
  before: [
    'somebody has shown us the whole secret of one of your API keys, so it is no longer a secret. We have revoked the key: it does not work any more, anywhere, and cannot be revived.',
    'Jobs that were submitted with it stay in the queue and run. Sign in to see which key it was and to make a new one. Please also look where the old one may have become public: in a repository, a notebook, a log.',
  ],
  link: { label: 'Sign in', url: `${origin}/sign-in` },
  after: ['If you see jobs that you do not know, tell an owner of your organization.'],
});

export const keyLeakedOwners = ({ origin }: LetterFields): Letter => ({
  subject: 'An API key of your organization has leaked and was revoked',
  before: [
    'somebody has shown us the whole secret of an API key that belongs to a member of an organization you own. We have revoked the key: it does not work any more, anywhere, and cannot be revived. Its holder has been told.',
    'Sign in to see which key it was and what it was last used for.',
  ],
  link: { label: 'Sign in', url: `${origin}/sign-in` },
  after: [],
});

export function keyExpiring(told: LetterFields): Letter {
  const daysLeft = needed(told, 'daysLeft');
  const within = daysLeft === 1 ? 'within a day' : `in ${daysLeft} days`;
  return {
    subject: `An API key of yours expires ${within}`,
    before: [
      `your API key "${needed(told, 'keyName')}" of the project "${needed(told, 'projectName')}" expires ${within}, on ${dateAndZone(needed(told, 'expiresAt'))}. From then on it is refused everywhere. Jobs that were submitted with it before still run.`,
      'To go on, rotate it before then: the new key can do what the old one could, and for as long as you choose the old one works on beside it.',
    ],
    link: { label: 'Look at the key', url: `${told.origin}/keys/${needed(told, 'keyId')}` },
    after: ['If you do not need the key any more, do nothing.'],
  };
}
