import { fold } from '#event-sourcing';
import { given } from '#testing';
import { account } from './account.decider.ts';
import {
  authenticatorAdded,
  codesIssued,
  multiFactorEnabled,
  passkeyAdded,
  passwordSet,
  registered,
} from './account.example.ts';
import { ADDRESS_KEPT_MS, ADDRESS_LINK_MS } from './address.decider.ts';
import type { AccountCommand, AccountEvent } from './vocabulary.decider.ts';

const ASKED = '2026-04-01T12:00:00.000Z';
const later = (ms: number, from = ASKED) => new Date(Date.parse(from) + ms).toISOString();
const [MINUTE, DAY] = [60_000, 86_400_000];
const NEW = { emailDigest: 'digest-of-new', email: 'ada@new.example' };
const OLD = { emailDigest: registered.data.emailDigest, email: registered.personal.email };
const CHANGED = later(MINUTE);

const request = (change: object = {}): AccountCommand => ({
  type: 'RequestAddressChange',
  ...NEW,
  at: ASKED,
  ...change,
});
const requested = (data: object = {}) =>
  ({
    type: 'AddressChangeRequested',
    data: { emailDigest: NEW.emailDigest, requestedAt: ASKED, ...data },
    personal: { email: NEW.email },
  }) as const;
const confirm = (at: string, emailDigest = NEW.emailDigest): AccountCommand => ({
  type: 'ConfirmAddress',
  emailDigest,
  at,
});
const changed = {
  type: 'AddressChanged',
  data: { emailDigest: NEW.emailDigest, previousDigest: OLD.emailDigest, requestedAt: ASKED, changedAt: CHANGED },
  personal: { email: NEW.email, previous: OLD.email },
} as const;
const canceled = { type: 'AddressChangeCanceled', data: {} } as const;
const restored = {
  type: 'AddressRestored',
  data: { emailDigest: OLD.emailDigest, undoneDigest: NEW.emailDigest },
  personal: { email: OLD.email },
} as const;
const settled = { type: 'AddressSettled', data: { previousDigest: OLD.emailDigest } } as const;

it('a link to a new address lives for an hour, and an address that was left is kept for seven days', () => {
  expect([ADDRESS_LINK_MS, ADDRESS_KEPT_MS]).toEqual([3_600_000, 604_800_000]);
});

describe('RequestAddressChange', () => {
  it('seals the new address, and says who asked where it was not the holder', () => {
    given(account, [registered]).when(request()).then([requested()]);
    given(account, [registered])
      .when(request({ by: 'provider' }))
      .then([requested({ by: 'provider' })]);
  });
  it('adds nothing for the address that the account has', () => {
    given(account, [registered]).when(request(OLD)).thenNothing();
  });
  it('mails again as often as the holder asks, and once a day what a provider says at every sign-in', () => {
    const again = (ms: number, by?: 'provider') => request({ at: later(ms), ...(by ? { by } : {}) });
    given(account, [registered, requested()])
      .when(again(MINUTE))
      .then([requested({ requestedAt: later(MINUTE) })]);
    given(account, [registered, requested({ by: 'provider' })])
      .when(again(DAY - 1, 'provider'))
      .thenNothing();
    given(account, [registered, requested({ by: 'provider' })])
      .when(again(DAY, 'provider'))
      .then([requested({ requestedAt: later(DAY), by: 'provider' })]);
  });
  it('mails at once to another address that a provider says', () => {
    given(account, [registered, requested({ by: 'provider' })])
      .when(request({ emailDigest: 'digest-of-third', by: 'provider' }))
      .then([requested({ emailDigest: 'digest-of-third', by: 'provider' })]);
  });
  it('is refused for seven days after a change, by which an address between two would stay taken', () => {
    const third = (at: string) => request({ emailDigest: 'digest-of-third', at });
    given(account, [registered, changed])
      .when(third(later(ADDRESS_KEPT_MS - 1, CHANGED)))
      .thenRefused('account/address-changed-lately');
    const after = later(ADDRESS_KEPT_MS, CHANGED);
    given(account, [registered, changed, settled])
      .when(third(after))
      .then([requested({ emailDigest: 'digest-of-third', requestedAt: after })]);
  });
});

describe('CancelAddressChange', () => {
  it('makes the link dead, and adds nothing where there is none', () => {
    given(account, [registered, requested()]).when({ type: 'CancelAddressChange' }).then([canceled]);
    given(account, [registered, requested(), canceled]).when({ type: 'CancelAddressChange' }).thenNothing();
    given(account, [registered, requested(), canceled]).when(confirm(CHANGED)).thenRefused('link/unknown');
  });
});

describe('ConfirmAddress', () => {
  it('changes the address that the link proved, and keeps the one before', () => {
    given(account, [registered, requested()]).when(confirm(CHANGED)).then([changed]);
    expect(fold(account, [registered, requested(), changed])).toMatchObject({
      ...NEW,
      addressChange: undefined,
      previousAddress: OLD,
    });
  });
  it('says that a provider asked for it', () => {
    given(account, [registered, requested({ by: 'provider' })])
      .when(confirm(CHANGED))
      .then([{ ...changed, data: { ...changed.data, by: 'provider' } }]);
  });
  it('is refused after an hour, for another address than was asked for, and where nothing was', () => {
    const last = later(ADDRESS_LINK_MS - 1);
    given(account, [registered, requested()])
      .when(confirm(later(ADDRESS_LINK_MS)))
      .thenRefused('link/unknown');
    given(account, [registered, requested()])
      .when(confirm(last))
      .then([{ ...changed, data: { ...changed.data, changedAt: last } }]);
    given(account, [registered, requested()]).when(confirm(CHANGED, 'digest-of-third')).thenRefused('link/unknown');
    given(account, [registered]).when(confirm(CHANGED)).thenRefused('link/unknown');
    given(account, [registered, requested(), changed]).when(confirm(CHANGED)).thenRefused('link/unknown');
  });
});

describe('UndoAddress', () => {
  const undo = (at: string): AccountCommand => ({ type: 'UndoAddress', at });
  const UNDONE = later(DAY);
  const withdrawn = { type: 'PasswordWithdrawn', data: { reason: 'address-undone' } } as const;
  const disabled = { type: 'MultiFactorDisabled', data: { reason: 'address-undone' } } as const;
  const none = { type: 'RecoveryCodesIssued', data: { count: 0, at: UNDONE } } as const;
  const removed = (factorId: string, kind: 'authenticator' | 'passkey', more: object = {}) =>
    ({ type: 'FactorRemoved', data: { factorId, kind, reason: 'address-undone', ...more } }) as AccountEvent;
  const at = <E extends AccountEvent>(event: E, when: string) => ({ ...event, data: { ...event.data, at: when } }) as E;

  it('gives the account back to its old address, and takes the password from whoever changed it', () => {
    given(account, [registered, passwordSet, changed]).when(undo(UNDONE)).then([restored, withdrawn]);
    expect(fold(account, [registered, passwordSet, changed, restored, withdrawn])).toMatchObject({
      ...OLD,
      previousAddress: undefined,
      password: { hash: undefined },
    });
  });
  it('takes no password where there is none, or it is gone', () => {
    given(account, [registered, changed]).when(undo(UNDONE)).then([restored]);
    given(account, [registered, passwordSet, withdrawn, changed]).when(undo(UNDONE)).then([restored]);
  });
  it('works for seven days, once, and only where an address was left', () => {
    given(account, [registered, changed])
      .when(undo(later(ADDRESS_KEPT_MS - 1, CHANGED)))
      .then([restored]);
    given(account, [registered, changed])
      .when(undo(later(ADDRESS_KEPT_MS, CHANGED)))
      .thenRefused('link/unknown');
    for (const events of [[], [changed, restored], [changed, settled]])
      given(account, [registered, ...events])
        .when(undo(UNDONE))
        .thenRefused('link/unknown');
  });
  it('takes what was added in the seven days before the change was asked for, and leaves what is older', () => {
    const [doubtful, older] = [later(-ADDRESS_KEPT_MS), later(-ADDRESS_KEPT_MS - 1)];
    given(account, [
      registered,
      at(authenticatorAdded, older),
      at(codesIssued, older),
      multiFactorEnabled,
      at(passkeyAdded, doubtful),
      changed,
    ])
      .when(undo(UNDONE))
      .then([restored, removed('passkey-1', 'passkey', { credentialDigest: passkeyAdded.data.credentialDigest })]);
    given(account, [
      registered,
      at(authenticatorAdded, doubtful),
      at(codesIssued, doubtful),
      multiFactorEnabled,
      at(passkeyAdded, older),
      changed,
    ])
      .when(undo(UNDONE))
      .then([restored, removed('authenticator-1', 'authenticator'), none]);
  });
  it('asks for no second factor any more where none is left', () => {
    given(account, [registered, at(authenticatorAdded, CHANGED), at(codesIssued, CHANGED), multiFactorEnabled, changed])
      .when(undo(UNDONE))
      .then([restored, removed('authenticator-1', 'authenticator'), none, disabled]);
  });
  it('turns nothing off that is not on', () => {
    given(account, [registered, at(passkeyAdded, CHANGED), changed])
      .when(undo(UNDONE))
      .then([restored, removed('passkey-1', 'passkey', { credentialDigest: passkeyAdded.data.credentialDigest })]);
  });
});

describe('SettleAddress', () => {
  const settle = (at: string): AccountCommand => ({ type: 'SettleAddress', at });

  it('frees the address that was left, when the seven days are over', () => {
    given(account, [registered, changed])
      .when(settle(later(ADDRESS_KEPT_MS, CHANGED)))
      .then([settled]);
    given(account, [registered, changed])
      .when(settle(later(ADDRESS_KEPT_MS - 1, CHANGED)))
      .thenNothing();
  });
  it('adds nothing where there is none', () => {
    for (const events of [[], [changed, settled], [changed, restored]])
      given(account, [registered, ...events])
        .when(settle(later(ADDRESS_KEPT_MS, CHANGED)))
        .thenNothing();
  });
});

it('what is taken back or settled leaves the rest of the account as it was', () => {
  expect(fold(account, [registered, requested(), canceled])).toEqual(fold(account, [registered]));
  expect(fold(account, [registered, changed, settled])).toEqual({
    ...fold(account, [registered, changed]),
    previousAddress: undefined,
  });
});

it('an account holds both addresses for as long as a change can be undone', () => {
  const { reservations } = account;
  const name = (key: string) => [{ scope: 'email', key }];
  expect([changed, restored, settled].map((event) => reservations?.takes(event))).toStrictEqual([
    name(NEW.emailDigest),
    name(OLD.emailDigest),
    [],
  ]);
  expect([changed, restored, settled].map((event) => reservations?.releases(event))).toStrictEqual([
    [],
    name(NEW.emailDigest),
    name(OLD.emailDigest),
  ]);
});
