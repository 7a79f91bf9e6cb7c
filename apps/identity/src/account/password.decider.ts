import type { AccountEvent, AccountStatus, RehashPassword, SetPassword } from './vocabulary.decider.ts';

export const setPassword = ({ how, hash, alone, at }: SetPassword): AccountEvent[] => [
  { type: 'PasswordSet', data: { how, scheme: 'argon2id', alone, at }, personal: { hash } },
];

/** A newer password stays as it is. */
export const rehashPassword = ({ replaces, hash }: RehashPassword, { password }: AccountStatus): AccountEvent[] =>
  password?.hash === replaces ? [{ type: 'PasswordRehashed', data: { scheme: 'argon2id' }, personal: { hash } }] : [];
