import { refuse } from '#event-sourcing';
import type {
  AccountEvent,
  AccountStatus,
  ConfirmAddress,
  FollowAddress,
  RequestAddressChange,
  SettleAddress,
  UndoAddress,
} from './vocabulary.decider.ts';
import { issued, removed } from './factors.decider.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A link to a new address lives for an hour. */
export const ADDRESS_LINK_MS = HOUR_MS;
/** How long an address that was left can be put back, and how far apart two changes are. */
export const ADDRESS_KEPT_MS = 7 * 24 * HOUR_MS;

/** One answer for every link that does not work. */
export const linkUnknown = refuse(
  'link/unknown',
  'This link was used, has expired or was replaced by a newer one. Ask for a new one.',
);

const since = (at: string, from: string) => Date.parse(at) - Date.parse(from);

export function requestAddressChange({ email, emailDigest, at, by }: RequestAddressChange, state: AccountStatus) {
  if (emailDigest === state.emailDigest) return [];
  // A provider says it at every sign-in: one mail a day.
  if (by && state.addressChange?.emailDigest === emailDigest && since(at, state.addressChange.requestedAt) < DAY_MS)
    return [];
  if (state.addressChangedAt !== undefined && since(at, state.addressChangedAt) < ADDRESS_KEPT_MS)
    return refuse(
      'account/address-changed-lately',
      'The address was changed within the last seven days. Wait until they are over, or undo that change by the link in the old mailbox.',
    );
  return [
    {
      type: 'AddressChangeRequested',
      data: { emailDigest, requestedAt: at, ...(by ? { by } : {}) },
      personal: { email },
    },
  ] satisfies AccountEvent[];
}

export const cancelAddressChange = ({ addressChange }: AccountStatus): AccountEvent[] =>
  addressChange ? [{ type: 'AddressChangeCanceled', data: {} }] : [];

export function confirmAddress({ emailDigest, at }: ConfirmAddress, state: AccountStatus) {
  const change = state.addressChange;
  if (!change || change.emailDigest !== emailDigest || since(at, change.requestedAt) >= ADDRESS_LINK_MS)
    return linkUnknown;
  return [
    {
      type: 'AddressChanged',
      data: {
        emailDigest,
        previousDigest: state.emailDigest,
        requestedAt: change.requestedAt,
        changedAt: at,
        ...(change.by ? { by: change.by } : {}),
      },
      personal: { email: change.email, previous: state.email },
    },
  ] satisfies AccountEvent[];
}

/** What could be put back before is so no more: of two changes within a week the address between them would stay taken for ever. */
export function followAddress({ email, emailDigest, at }: FollowAddress, state: AccountStatus) {
  if (emailDigest === state.emailDigest) return [];
  const { previousAddress, emailDigest: previousDigest } = state;
  return [
    ...(previousAddress
      ? ([{ type: 'AddressSettled', data: { previousDigest: previousAddress.emailDigest } }] as const)
      : []),
    {
      type: 'AddressChanged',
      data: { emailDigest, previousDigest, requestedAt: at, changedAt: at, by: 'provider' },
      personal: { email, previous: state.email },
    },
  ] satisfies AccountEvent[];
}

/** Whoever took the account over by its new address loses it, with what they may have added in the seven days before they asked for it. */
export function undoAddress({ at }: UndoAddress, state: AccountStatus) {
  const previous = state.previousAddress;
  if (!previous || since(at, previous.changedAt) >= ADDRESS_KEPT_MS) return linkUnknown;
  const doubtful = Date.parse(previous.requestedAt) - ADDRESS_KEPT_MS;
  const [gone, kept] = [
    state.factors.filter((factor) => Date.parse(factor.at) >= doubtful),
    state.factors.filter((factor) => Date.parse(factor.at) < doubtful),
  ];
  return [
    {
      type: 'AddressRestored',
      data: { emailDigest: previous.emailDigest, undoneDigest: state.emailDigest },
      personal: { email: previous.email },
    },
    ...(state.password?.hash === undefined
      ? []
      : ([{ type: 'PasswordWithdrawn', data: { reason: 'address-undone' } }] as const)),
    ...gone.map((factor) => removed(factor, 'address-undone')),
    ...(state.codes && Date.parse(state.codes.at) >= doubtful ? [issued(undefined, at)] : []),
    ...(state.multiFactor && kept.length === 0
      ? ([{ type: 'MultiFactorDisabled', data: { reason: 'address-undone' } }] as const)
      : []),
    // The link that completes it may have gone to the mailbox that the account is taken back from.
    ...(state.recovery ? ([{ type: 'FactorRecoveryCanceled', data: { by: 'holder' } }] as const) : []),
  ] satisfies AccountEvent[];
}

export function settleAddress({ at }: SettleAddress, { previousAddress }: AccountStatus): AccountEvent[] {
  if (!previousAddress || since(at, previousAddress.changedAt) < ADDRESS_KEPT_MS) return [];
  return [{ type: 'AddressSettled', data: { previousDigest: previousAddress.emailDigest } }];
}
