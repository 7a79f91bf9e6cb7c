import { fold } from '#event-sourcing';
import { given } from '#testing';
import { account, ERASED } from './account.decider.ts';
import {
  authenticatorAdded,
  codesIssued,
  multiFactorEnabled,
  passkeyAdded,
  passwordSet,
  registered,
} from './account.example.ts';
import { FACTORS_MAX } from './factors.decider.ts';
import { type AccountCommand, type AccountEvent, movesCredentials } from './vocabulary.decider.ts';

const AT = '2026-02-01T00:00:00.000Z';
const codes = { salt: 'c2FsdA', digests: ['one', 'two', 'three'] };
const before = [registered, passwordSet] as const;
const withTwo = [...before, authenticatorAdded, codesIssued, multiFactorEnabled, passkeyAdded] as const;
const authenticator = (factorId: string): AccountCommand => ({
  type: 'AddAuthenticator',
  ...authenticatorAdded.personal,
  factorId,
  codes,
  at: AT,
});
const passkey: AccountCommand = { ...passkeyAdded.data, ...passkeyAdded.personal, type: 'AddPasskey' };
const many = (event: AccountEvent, count: number) =>
  Array.from({ length: count }, (_, i) => ({ ...event, data: { ...event.data, factorId: `${i}` } }) as AccountEvent);
const on = (change: object = {}): AccountCommand => ({
  type: 'SetMultiFactor',
  enabled: true,
  demanded: false,
  codes,
  at: AT,
  ...change,
});
const off = (change: object = {}) => on({ enabled: false, ...change });

describe('AddAuthenticator', () => {
  it('turns multi-factor on, with recovery codes, where it is the first', () => {
    given(account, before)
      .when(authenticator('authenticator-1'))
      .then([authenticatorAdded, codesIssued, multiFactorEnabled]);
  });
  it('leaves the recovery codes alone where multi-factor is on', () => {
    given(account, withTwo)
      .when(authenticator('authenticator-2'))
      .then([{ ...authenticatorAdded, data: { factorId: 'authenticator-2', at: AT } }]);
  });
  it('adds nothing when it is repeated, also by an account that has as many as it may', () => {
    given(account, withTwo).when(authenticator('authenticator-1')).thenNothing();
    given(account, [...before, ...many(authenticatorAdded, FACTORS_MAX.authenticator)])
      .when(authenticator('0'))
      .thenNothing();
  });
  it('is refused to an account that has as many as it may, of which passkeys are none', () => {
    const full = [...before, multiFactorEnabled, ...many(authenticatorAdded, FACTORS_MAX.authenticator)];
    given(account, full).when(authenticator('one-more')).thenRefused('factor/too-many');
    given(account, [...full.slice(0, -1), passkeyAdded])
      .when(authenticator('one-more'))
      .then([{ ...authenticatorAdded, data: { factorId: 'one-more', at: AT } }]);
  });
});

describe('AddPasskey', () => {
  it('adds it, and turns nothing on: that would lock out devices that have none', () => {
    given(account, before).when(passkey).then([passkeyAdded]);
  });
  it('is refused to an account that has as many as it may, of which authenticators are none', () => {
    const full = [...before, ...many(passkeyAdded, FACTORS_MAX.passkey)];
    given(account, full).when(passkey).thenRefused('factor/too-many');
    given(account, [...full.slice(0, -1), authenticatorAdded])
      .when(passkey)
      .then([passkeyAdded]);
  });
});

it('an account may have five authenticators and ten passkeys', () => {
  expect(FACTORS_MAX).toEqual({ authenticator: 5, passkey: 10 });
});

describe('RenameFactor', () => {
  const rename = (factorId: string, name: string): AccountCommand => ({ type: 'RenameFactor', factorId, name });
  const renamed = { type: 'FactorRenamed', data: { factorId: 'passkey-1' }, personal: { name: 'Tablet' } } as const;

  it('takes the new name, of this factor alone', () => {
    given(account, withTwo).when(rename('passkey-1', 'Tablet')).then([renamed]);
    expect(fold(account, [...withTwo, renamed])).toMatchObject({ factors: [{ name: 'Phone' }, { name: 'Tablet' }] });
  });
  it('adds nothing when the name is the same', () => {
    given(account, withTwo).when(rename('passkey-1', 'Laptop')).thenNothing();
  });
  it('is refused for a factor that the account does not have', () => {
    given(account, withTwo).when(rename('passkey-2', 'Laptop')).thenRefused('factor/unknown');
  });
});

describe('RemoveFactor', () => {
  const remove = (factorId: string): AccountCommand => ({ type: 'RemoveFactor', factorId });
  const removed = (factorId: string) =>
    ({ type: 'FactorRemoved', data: { factorId, kind: 'authenticator', reason: 'holder' } }) as const;

  it('takes it away, and of a passkey lets go of the credential', () => {
    given(account, withTwo)
      .when(remove('authenticator-1'))
      .then([removed('authenticator-1')]);
    given(account, withTwo)
      .when(remove('passkey-1'))
      .then([
        {
          type: 'FactorRemoved',
          data: {
            factorId: 'passkey-1',
            kind: 'passkey',
            reason: 'holder',
            credentialDigest: passkeyAdded.data.credentialDigest,
          },
        },
      ]);
  });
  it('is refused for the last one while multi-factor is on: nothing could be asked for', () => {
    given(account, [...withTwo, removed('authenticator-1')])
      .when(remove('passkey-1'))
      .thenRefused('factor/last');
    given(account, [...before, authenticatorAdded])
      .when(remove('authenticator-1'))
      .then([removed('authenticator-1')]);
  });
  it('is refused for a factor that the account does not have', () => {
    given(account, withTwo).when(remove('authenticator-2')).thenRefused('factor/unknown');
    given(account, [...withTwo, removed('authenticator-1')])
      .when(remove('authenticator-1'))
      .thenRefused('factor/unknown');
  });
});

describe('SetMultiFactor', () => {
  it('is turned on with new recovery codes', () => {
    given(account, [...before, passkeyAdded])
      .when(on())
      .then([codesIssued, multiFactorEnabled]);
  });
  it('adds nothing where it is so already', () => {
    given(account, withTwo).when(on()).thenNothing();
    given(account, before)
      .when(off({ demanded: true }))
      .thenNothing();
  });
  it('is not turned on without a factor', () => {
    given(account, before).when(on()).thenRefused('factor/none');
  });
  it('is turned off, and its recovery codes with it', () => {
    const disabled = { type: 'MultiFactorDisabled', data: { reason: 'holder' } } as const;
    given(account, withTwo).when(off()).then([disabled]);
    expect(fold(account, [...withTwo, disabled])).toMatchObject({ multiFactor: false, codes: undefined });
  });
  it('stays on while an organization asks for it', () => {
    given(account, withTwo)
      .when(off({ demanded: true }))
      .thenRefused('factor/demanded');
  });
  it('stays on while the password is too short to stand alone, and where there is none is turned off', () => {
    const short = { ...passwordSet, data: { ...passwordSet.data, alone: false } };
    given(account, [...withTwo, short])
      .when(off())
      .thenRefused('password/too-short-alone');
    given(account, [registered, authenticatorAdded, multiFactorEnabled])
      .when(off())
      .then([{ type: 'MultiFactorDisabled', data: { reason: 'holder' } }]);
  });
});

describe('recovery codes', () => {
  const issue: AccountCommand = { type: 'IssueRecoveryCodes', codes, at: AT };
  const spend = (index: number): AccountCommand => ({ type: 'SpendRecoveryCode', index });
  const spent = (index: number, left: number) => ({ type: 'RecoveryCodeSpent', data: { index, left } }) as const;

  it('are issued anew, and those of before are dead', () => {
    given(account, withTwo).when(issue).then([codesIssued]);
    given(account, [...withTwo, spent(0, 2), codesIssued])
      .when(spend(0))
      .then([spent(0, 2)]);
  });
  it('are refused where no second factor is asked for', () => {
    given(account, before).when(issue).thenRefused('factor/none');
  });
  it('are spent once each, and say how many are left', () => {
    given(account, withTwo)
      .when(spend(2))
      .then([spent(2, 2)]);
    given(account, [...withTwo, spent(2, 2), spent(0, 1)])
      .when(spend(1))
      .then([spent(1, 0)]);
    given(account, [...withTwo, spent(2, 2)])
      .when(spend(2))
      .thenRefused('factor/refused');
  });
  it('that there are not, or that were never issued, are refused', () => {
    given(account, withTwo).when(spend(3)).thenRefused('factor/refused');
    given(account, before).when(spend(0)).thenRefused('factor/refused');
    const { personal: _, ...erased } = codesIssued;
    given(account, [...withTwo, erased])
      .when(spend(0))
      .thenRefused('factor/refused');
  });
});

it('a passkey of which there is a copy is told, and stays', () => {
  given(account, withTwo)
    .when({ type: 'ReportClone', factorId: 'passkey-1' })
    .then([{ type: 'PasskeyCloned', data: { factorId: 'passkey-1' } }]);
});

it('of one credential there is one account, until its passkey is removed', () => {
  const { reservations } = account;
  const name = { scope: 'credential', key: passkeyAdded.data.credentialDigest };
  const removal = (data: object) =>
    ({ type: 'FactorRemoved', data: { factorId: '1', kind: 'passkey', reason: 'holder', ...data } }) as AccountEvent;
  expect(reservations?.taken([name]).refused).toBe('factor/already-registered');
  expect([passkeyAdded, authenticatorAdded].map((event) => reservations?.takes(event))).toStrictEqual([[name], []]);
  expect(
    [removal({ credentialDigest: name.key }), removal({}), passkeyAdded].map((event) => reservations?.releases(event)),
  ).toStrictEqual([[name], [], []]);
});

it('of an erased person no factor proves anything', () => {
  const erased = withTwo.map((event) => ({ type: event.type, data: event.data }) as AccountEvent);
  expect(fold(account, erased)).toMatchObject({
    factors: [
      { kind: 'authenticator', secret: undefined, name: ERASED },
      { kind: 'passkey', credentialId: undefined, publicKey: undefined, name: ERASED },
    ],
    codes: { salt: undefined, digests: [] },
  });
});

it('what changes what proves an account makes all dead that was begun before it, and nothing else does', () => {
  const types: readonly AccountEvent['type'][] = [
    'AccountRegistered',
    'PasswordSet',
    'PasswordWithdrawn',
    'AuthenticatorAdded',
    'PasskeyAdded',
    'FactorRemoved',
    'RecoveryCodesIssued',
    'MultiFactorEnabled',
    'MultiFactorDisabled',
    'AddressChanged',
    'AddressRestored',
  ];
  const others: readonly AccountEvent['type'][] = ['PasswordRehashed', 'FactorRenamed', 'RecoveryCodeSpent'];
  const moves = (type: AccountEvent['type']) => movesCredentials({ type, data: {} } as AccountEvent);
  expect([types.filter(moves), others.filter(moves)]).toEqual([types, []]);
});
