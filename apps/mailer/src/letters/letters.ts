import { inactivityWarning } from './inactivity-warning.ts';
import { invitation } from './invitation.ts';
import { keyLeaked, keyLeakedOwners } from './key-leaked.ts';
import { compose, type Letter, type Mail, type LetterFields } from './letter.ts';
import { alreadyRegistered, signUp } from './sign-up.ts';
import { suspended } from './suspended.ts';

export type LetterName =
  | 'sign-up'
  | 'already-registered'
  | 'invitation'
  | 'key-leaked'
  | 'key-leaked-owners'
  | 'inactivity-warning'
  | 'suspended';

const written: Readonly<Record<LetterName, (fields: LetterFields) => Letter>> = {
  'sign-up': signUp,
  'already-registered': alreadyRegistered,
  invitation,
  'key-leaked': keyLeaked,
  'key-leaked-owners': keyLeakedOwners,
  'inactivity-warning': inactivityWarning,
  suspended,
};

/** Every letter we write. */
export const letters = Object.fromEntries(
  Object.entries(written).map(([name, letter]) => [name, (fields: LetterFields) => compose(letter(fields), fields)]),
) as Readonly<Record<LetterName, (fields: LetterFields) => Mail>>;
