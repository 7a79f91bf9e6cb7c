import { refuse } from '#event-sourcing';
import type {
  AccountEvent,
  AccountStatus,
  AddAuthenticator,
  AddPasskey,
  Factor,
  NewCodes,
  RemovalReason,
  RemoveFactor,
  RenameFactor,
  SetMultiFactor,
  SpendRecoveryCode,
} from './vocabulary.decider.ts';

/** Authenticators and passkeys that an account may have. */
export const FACTORS_MAX = { authenticator: 5, passkey: 10 } as const;

export const factorUnknown = refuse('factor/unknown', 'You have no factor with this id.');
/** One text for a wrong proof and for one that was used: which of them it is helps a guesser alone. */
export const factorRefused = refuse(
  'factor/refused',
  'The code or passkey does not fit, or was used already. Wait for the next code.',
);
const tooMany = (kind: Factor['kind']) =>
  refuse('factor/too-many', `An account may have ${FACTORS_MAX[kind]} ${kind}s, and this one has. Remove one first.`);

const count = ({ factors }: AccountStatus, kind: Factor['kind']) =>
  factors.filter((factor) => factor.kind === kind).length;

export function addAuthenticator({ factorId, secret, name, codes, at }: AddAuthenticator, state: AccountStatus) {
  if (state.factors.some((factor) => factor.factorId === factorId)) return [];
  if (count(state, 'authenticator') >= FACTORS_MAX.authenticator) return tooMany('authenticator');
  return [
    { type: 'AuthenticatorAdded', data: { factorId, at }, personal: { secret, name } },
    ...(state.multiFactor ? [] : ([issued(codes, at), { type: 'MultiFactorEnabled', data: {} }] as const)),
  ] satisfies AccountEvent[];
}

/** It does not turn multi-factor on: that would lock out devices that have no passkey. */
export function addPasskey({ type: _type, credentialId, publicKey, name, ...data }: AddPasskey, state: AccountStatus) {
  if (count(state, 'passkey') >= FACTORS_MAX.passkey) return tooMany('passkey');
  return [{ type: 'PasskeyAdded', data, personal: { credentialId, publicKey, name } }] satisfies AccountEvent[];
}

export function renameFactor({ factorId, name }: RenameFactor, { factors }: AccountStatus) {
  const factor = factors.find((candidate) => candidate.factorId === factorId);
  if (!factor) return factorUnknown;
  return factor.name === name
    ? []
    : ([{ type: 'FactorRenamed', data: { factorId }, personal: { name } }] satisfies AccountEvent[]);
}

export function removeFactor({ factorId }: RemoveFactor, { factors, multiFactor }: AccountStatus) {
  const factor = factors.find((candidate) => candidate.factorId === factorId);
  if (!factor) return factorUnknown;
  if (multiFactor && factors.length === 1)
    return refuse(
      'factor/last',
      'This is your last factor. Turn multi-factor authentication off first, or add another.',
    );
  return [removed(factor, 'holder')];
}

/** The event by which a factor goes; a passkey's credential may be registered anew afterwards. */
export const removed = (factor: Factor, reason: RemovalReason): AccountEvent => ({
  type: 'FactorRemoved',
  data: {
    factorId: factor.factorId,
    kind: factor.kind,
    reason,
    ...(factor.kind === 'passkey' ? { credentialDigest: factor.credentialDigest } : {}),
  },
});

/** Undefined: none, and those of before are dead all the same. */
export const issued = (codes: NewCodes | undefined, at: string): AccountEvent => ({
  type: 'RecoveryCodesIssued',
  data: { count: codes?.digests.length ?? 0, at },
  ...(codes ? { personal: { salt: codes.salt, digests: codes.digests.join(',') } } : {}),
});

export function spendCode({ index }: SpendRecoveryCode, { codes }: AccountStatus) {
  if (!codes || codes.spent.includes(index) || index >= codes.digests.length) return factorRefused;
  return [
    { type: 'RecoveryCodeSpent', data: { index, left: codes.digests.length - codes.spent.length - 1 } },
  ] satisfies AccountEvent[];
}

export function setMultiFactor({ enabled, demanded, codes, at }: SetMultiFactor, state: AccountStatus) {
  if (enabled === state.multiFactor) return [];
  if (enabled)
    return state.factors.length === 0
      ? refuse('factor/none', 'Add an authenticator or a passkey first: it is what you will be asked for.')
      : ([issued(codes, at), { type: 'MultiFactorEnabled', data: {} }] satisfies AccountEvent[]);
  if (demanded)
    return refuse(
      'factor/demanded',
      'An organization of yours asks for a second factor, so it stays on while you are in it.',
    );
  if (state.password && !state.password.alone)
    return refuse(
      'password/too-short-alone',
      'Your password is too short to stand alone. Set one of at least 15 characters first.',
    );
  return [{ type: 'MultiFactorDisabled', data: { reason: 'holder' } }] satisfies AccountEvent[];
}
