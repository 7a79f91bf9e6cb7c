import { dateAndZone, type Letter, type LetterFields, needed } from './letter.ts';
import { security, setNewPassword } from './password.ts';

const FACTORS = { authenticator: 'an authenticator app', passkey: 'a passkey' } as const;
const factorOf = (told: LetterFields) => FACTORS[needed(told, 'kind')];
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** A notice of something that the holder did, or somebody in their name. */
const notice = (subject: string, what: string, { origin }: LetterFields): Letter => ({
  subject,
  before: [`${what} If it was you, there is nothing to do.`],
  link: security(origin),
  after: [...setNewPassword(origin), 'Then look at the page above, and remove there what you do not know.'],
});

export const factorAdded = (told: LetterFields): Letter =>
  notice(
    `${capital(factorOf(told))} was added to your account`,
    `${factorOf(told)} was added to your account. Whoever holds it can prove to be you.`,
    told,
  );

export const factorRemoved = (told: LetterFields): Letter =>
  notice(
    `${capital(factorOf(told))} was removed from your account`,
    `${factorOf(told)} was removed from your account. It does not prove any more that it is you.`,
    told,
  );

export const recoveryCodesIssued = (told: LetterFields): Letter =>
  notice(
    'Your account has new recovery codes',
    'new recovery codes were made for your account. The older ones do not work any more. Keep the new ones where you find them without your devices.',
    told,
  );

export function recoveryCodeSpent(told: LetterFields): Letter {
  const left = needed(told, 'left');
  const count = left === 0 ? 'none is' : left === 1 ? 'one is' : `${left} are`;
  return notice(
    'A recovery code of your account was used',
    `somebody has signed in to your account with a recovery code. It does not work a second time; ${count} left.${left > 3 ? '' : ' Make new ones soon, or you may lose the way in.'}`,
    told,
  );
}

export const multiFactorEnabled = (told: LetterFields): Letter =>
  notice(
    'Signing in now asks for a second factor',
    'from now on your password alone does not open your account: a second factor, which was set up, is asked for as well. Recovery codes were made, and older ones do not work any more: keep the new ones where you find them without your devices.',
    told,
  );

export const multiFactorDisabled = (told: LetterFields): Letter =>
  notice(
    'Signing in asks for no second factor any more',
    'your account is protected by your password alone from now on. The recovery codes do not work any more.',
    told,
  );

export const passkeyCloned = ({ origin }: LetterFields): Letter => ({
  subject: 'A passkey of yours may have been copied',
  before: [
    'a sign-in with one of your passkeys was refused: the passkey counts its uses, and this count went back. So there may be a copy of it, and somebody else may hold it.',
    'Remove this passkey on the page behind the link, and register it anew. If you do not know how that could be, do not use the device any more.',
  ],
  link: security(origin),
  after: setNewPassword(origin),
});

export const secondFactorDemanded = (told: LetterFields): Letter => ({
  subject: 'An organization demands a second factor of you',
  before: [
    `an organization that you belong to demands that its members sign in with a second factor, from ${dateAndZone(needed(told, 'from'))} on.`,
    'An authenticator app is set up in a minute. Until you have one, you will be able to do nothing else from that date on. Your API keys work as before.',
  ],
  link: { label: 'Set up a second factor', url: `${told.origin}/security` },
  after: ['If you do not know what this is about, ask an owner of your organization.'],
});
