import { addressChanged, addressChanging, addressConfirm, addressTaken } from './address.ts';
import {
  factorAdded,
  factorRemoved,
  multiFactorDisabled,
  multiFactorEnabled,
  passkeyCloned,
  recoveryCodesIssued,
  recoveryCodeSpent,
  secondFactorDemanded,
} from './factors.ts';
import { inactivityWarning } from './inactivity-warning.ts';
import { invitation } from './invitation.ts';
import { keyExpiring, keyLeaked, keyLeakedOwners, keyMade } from './keys.ts';
import { compose, type Letter, type Mail, type LetterFields } from './letter.ts';
import { newDevice, passwordChanged, passwordGuessed, passwordKnown, passwordReset } from './password.ts';
import { reactivated, reactivation } from './reactivation.ts';
import {
  recoveryApproved,
  recoveryApprovedCoOwners,
  recoveryCanceled,
  recoveryConfirm,
  recoveryReady,
} from './recovery.ts';
import {
  addressFollowed,
  bindingLink,
  bindingRefused,
  joiningLink,
  signInInstead,
  subjectBound,
  subjectUnbound,
} from './binding.ts';
import {
  breakGlassUsed,
  certificateExpiring,
  domainLapsed,
  domainLost,
  domainMissing,
  singleSignOnEnding,
  singleSignOnEnforced,
  singleSignOnOff,
} from './single-sign-on.ts';
import { alreadyRegistered, signUp } from './sign-up.ts';
import { suspended } from './suspended.ts';

type Write = (fields: LetterFields) => Letter;

/** Somebody sits there and waits for it. */
const awaited = {
  'sign-up': signUp,
  'already-registered': alreadyRegistered,
  invitation,
  'password-reset': passwordReset,
  'address-confirm': addressConfirm,
  'address-taken': addressTaken,
  'recovery-confirm': recoveryConfirm,
  'recovery-approved': recoveryApproved,
  'recovery-canceled': recoveryCanceled,
  'recovery-ready': recoveryReady,
  reactivation,
  'binding-link': bindingLink,
  'joining-link': joiningLink,
  'sign-in-instead': signInInstead,
} satisfies Record<string, Write>;

/** Who did not do it must hear of it soon. */
const notices = {
  'key-made': keyMade,
  'key-leaked': keyLeaked,
  'key-leaked-owners': keyLeakedOwners,
  'password-changed': passwordChanged,
  'password-guessed': passwordGuessed,
  'password-known': passwordKnown,
  'new-device': newDevice,
  'factor-added': factorAdded,
  'factor-removed': factorRemoved,
  'recovery-codes-issued': recoveryCodesIssued,
  'recovery-code-spent': recoveryCodeSpent,
  'multi-factor-enabled': multiFactorEnabled,
  'multi-factor-disabled': multiFactorDisabled,
  'passkey-cloned': passkeyCloned,
  'recovery-approved-co-owners': recoveryApprovedCoOwners,
  'address-changing': addressChanging,
  'address-changed': addressChanged,
  'single-sign-on-enforced': singleSignOnEnforced,
  'single-sign-on-ending': singleSignOnEnding,
  'single-sign-on-off': singleSignOnOff,
  'break-glass-used': breakGlassUsed,
  'domain-lost': domainLost,
  'address-followed': addressFollowed,
  'subject-bound': subjectBound,
  'binding-refused': bindingRefused,
  reactivated,
} satisfies Record<string, Write>;

/** An hour more or less changes nothing. Many may go out on one day. */
const unhurried = {
  'inactivity-warning': inactivityWarning,
  'second-factor-demanded': secondFactorDemanded,
  'domain-missing': domainMissing,
  'domain-lapsed': domainLapsed,
  'certificate-expiring': certificateExpiring,
  'subject-unbound': subjectUnbound,
  'key-expiring': keyExpiring,
  suspended,
} satisfies Record<string, Write>;

export type LetterName = keyof typeof awaited | keyof typeof notices | keyof typeof unhurried;

/** The letter that goes out where identity allows no link: somebody else has the address by now, or a provider judges alone. */
export const WITHOUT_LINK: Readonly<Partial<Record<LetterName, LetterName>>> = {
  'address-confirm': 'address-taken',
  'joining-link': 'sign-in-instead',
  'password-reset': 'sign-in-instead',
};

/** Of letters, the most urgent first: 1 to 3, as rows of `mails_due` keep them. */
export const AWAITED = 1;
const BY_PRIORITY: readonly object[] = [awaited, notices, unhurried];
export const PRIORITIES = [AWAITED, 2, 3] as const;

export const priorityOf = (letter: LetterName): number => BY_PRIORITY.findIndex((letters) => letter in letters) + 1;

/** Every letter we write. */
export const letters = Object.fromEntries(
  Object.entries<Write>({ ...awaited, ...notices, ...unhurried }).map(([name, letter]) => [
    name,
    (fields: LetterFields) => compose(letter(fields), fields),
  ]),
) as Readonly<Record<LetterName, (fields: LetterFields) => Mail>>;
