import type { identity } from '#contracts';
import type { Limit, Policy } from './tries.ts';

const DAY_MS = 86_400_000;

/** At how many wrong ones in a row something is off (NIST SP 800-63B-4 §3.2.2: 100 at most). */
export const OFF_AT = { anywhere: 100, knownDevice: 20 } as const;
/** At how many wrong ones in a row the holder is told. */
export const TOLD_AT = { secondFactor: 3 } as const;

const HERE: Policy = { free: 5, waitMaxS: 60, most: 100, offMs: DAY_MS };
const NETWORK: Policy = { free: 50, hourly: true, waitMaxS: 60 };
const ANYWHERE: Policy = { free: 20, hourly: true, waitMaxS: 60, most: OFF_AT.anywhere };
const KNOWN_DEVICE: Policy = { free: 5, waitMaxS: 60 };
const FACTOR: Policy = { free: 5, waitMaxS: 15 * 60 };
const TOTP: Policy = { ...FACTOR, most: 100 };

/** Of a password from a device that the account does not know: by address and network, by network, by address. */
export const passwordLimits = ({
  here,
  network,
  anywhere,
}: Record<'here' | 'network' | 'anywhere', string>): [Limit, Limit, Limit] => [
  {
    subject: here,
    policy: HERE,
    onRight: 'clear',
    off: 'Too many wrong passwords came from your network. Sign in from elsewhere, or set a new password.',
  },
  // It counts failures alone: an attacker could clear it by signing in to an account of their own.
  { subject: network, policy: NETWORK, onRight: 'give-back', off: '' },
  {
    subject: anywhere,
    policy: ANYWHERE,
    onRight: 'clear',
    off: 'Too many wrong passwords came for this address. Sign in from a device that you have used before or by a passkey, or set a new password.',
  },
];

/** Of a passkey, which nobody guesses: what it costs to judge one is bounded by network. */
export const passkeyLimits = (network: string): [Limit] => [
  { subject: network, policy: NETWORK, onRight: 'give-back', off: '' },
];

/** Of answers of identity providers that are refused, by network: 20 an hour. */
export const answerLimit = (network: string): Limit => ({
  subject: network,
  policy: { free: 20, hourly: true, waitMaxS: 60 },
  onRight: 'give-back',
  off: '',
});

/** Of a password from a device that the account knows: nobody else's tries can stop its holder there. */
export const deviceLimits = (device: string): [Limit] => [
  { subject: device, policy: KNOWN_DEVICE, onRight: 'clear', off: '' },
];

/** Of an account's second factor, whoever shows it. */
export const factorLimit = (accountId: string, { totp }: identity.Proof): Limit => ({
  subject: `factor|${accountId}`,
  policy: totp === undefined ? FACTOR : TOTP,
  onRight: 'clear',
  off: 'Too many wrong codes were shown. Use a passkey or a recovery code.',
});

/** Of proofs within one session: the fifth wrong one ends it. */
export const proveLimit = (sessionId: string): Limit => ({
  subject: `prove|${sessionId}`,
  policy: { free: 5, waitMaxS: 60, most: 5 },
  onRight: 'clear',
  off: 'Too many wrong proofs were shown in this session, so it has ended. Sign in again.',
});

/** Of the first codes of a new authenticator. */
export const confirmLimit = (factorId: string): Limit => ({
  subject: `confirm|${factorId}`,
  policy: { free: 5, waitMaxS: 60, most: 5 },
  onRight: 'clear',
  off: 'Too many wrong codes were shown. Check the clock of the device, and begin anew with another secret.',
});
