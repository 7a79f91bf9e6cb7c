import { given } from '#testing';
import { fold } from '#event-sourcing';
import fc from 'fast-check';
import { account, ERASED } from './account.decider.ts';
import type { AccountCommand, AccountEvent, RegisterAccount } from './vocabulary.decider.ts';
import { passwordSet, registered, suspended } from './account.example.ts';

const AT = '2026-07-01T00:00:00.000Z';
const register: RegisterAccount = {
  type: 'RegisterAccount',
  ...registered.data,
  ...registered.personal,
  passwordHash: passwordSet.personal.hash,
  at: registered.data.registeredAt,
};
const suspend = {
  type: 'SuspendForInactivity',
  dueAt: AT,
  at: AT,
  evidence: '2026-01-01T00:00:00.000Z',
  latest: '2026-01-01T00:00:00.000Z',
} as const;

describe('RegisterAccount', () => {
  it('makes the account and its password in one step', () => {
    given(account, []).when(register).then([registered, passwordSet]);
  });
  it('makes no password for who has none: their provider judges alone', () => {
    const { passwordHash: _, ...without } = register;
    given(account, []).when(without).then([registered]);
  });
  it('adds nothing when it is repeated', () => {
    given(account, [registered, passwordSet]).when(register).thenNothing();
  });
});

describe('RenameAccount', () => {
  it('takes the new name', () => {
    given(account, [registered])
      .when({ type: 'RenameAccount', name: 'Ada L.' })
      .then([{ type: 'AccountRenamed', data: {}, personal: { name: 'Ada L.' } }]);
  });
  it('adds nothing when the name is the same', () => {
    given(account, [registered]).when({ type: 'RenameAccount', name: 'Ada' }).thenNothing();
  });
  it('is refused for an account that does not exist', () => {
    given(account, []).when({ type: 'RenameAccount', name: 'Ada' }).thenRefused('account/unknown');
  });
});

describe('SetIdleTimeout', () => {
  it('turns it on', () => {
    given(account, [registered])
      .when({ type: 'SetIdleTimeout', enabled: true, demanded: false })
      .then([{ type: 'IdleTimeoutEnabled', data: {} }]);
  });
  it('adds nothing when it is on', () => {
    given(account, [registered, { type: 'IdleTimeoutEnabled', data: {} }])
      .when({ type: 'SetIdleTimeout', enabled: true, demanded: false })
      .thenNothing();
  });
  it('is off once it was turned off, and can be turned on again', () => {
    given(account, [registered, { type: 'IdleTimeoutEnabled', data: {} }, { type: 'IdleTimeoutDisabled', data: {} }])
      .when({ type: 'SetIdleTimeout', enabled: true, demanded: false })
      .then([{ type: 'IdleTimeoutEnabled', data: {} }]);
  });
  it('turns it off again', () => {
    given(account, [registered, { type: 'IdleTimeoutEnabled', data: {} }])
      .when({ type: 'SetIdleTimeout', enabled: false, demanded: false })
      .then([{ type: 'IdleTimeoutDisabled', data: {} }]);
  });
  it('is refused to turn it off while an organization asks for it, whether it is on or off', () => {
    const off = { type: 'SetIdleTimeout', enabled: false, demanded: true } as const;
    for (const history of [[registered], [registered, { type: 'IdleTimeoutEnabled', data: {} } as const]])
      given(account, history).when(off).thenRefused('session/time-out-required');
  });
});

describe('SuspendForInactivity', () => {
  it('suspends when no sign-in is known after the evidence', () => {
    given(account, [registered]).when(suspend).then([suspended]);
  });
  it('suspends nobody who signed in after the evidence was gathered', () => {
    given(account, [registered])
      .when({ ...suspend, latest: '2026-06-30T00:00:00.000Z' })
      .thenNothing();
  });
  it('adds nothing when the account is suspended', () => {
    given(account, [registered, suspended]).when(suspend).thenNothing();
  });
});

describe('SuspendAccount', () => {
  const suspend = { type: 'SuspendAccount', at: AT } as const;
  const byOperator = { type: 'AccountSuspended', data: { reason: 'operator', suspendedAt: AT, dueAt: null } } as const;
  it('suspends by an operator, also who is suspended for inactivity: they may not come back by themselves', () => {
    given(account, [registered]).when(suspend).then([byOperator]);
    given(account, [registered, suspended]).when(suspend).then([byOperator]);
  });
  it('adds nothing when it is repeated', () => {
    given(account, [registered, byOperator]).when(suspend).thenNothing();
  });
});

describe('ReactivateAccount', () => {
  it('ends the suspension', () => {
    given(account, [registered, suspended])
      .when({ type: 'ReactivateAccount', at: AT })
      .then([{ type: 'AccountReactivated', data: { reactivatedAt: AT } }]);
  });
  it('adds nothing when the account is active', () => {
    given(account, [registered]).when({ type: 'ReactivateAccount', at: AT }).thenNothing();
  });
});

describe('InspectAccount', () => {
  const inspected = {
    type: 'AccountInspected',
    data: { operator: 'operator:ada' },
    personal: { reason: 'asked by phone' },
  } as const;
  it('leaves a trace each time, and what was typed is sealed with the person', () => {
    for (const history of [[registered], [registered, inspected], [registered, suspended]])
      given(account, history)
        .when({ type: 'InspectAccount', operator: 'operator:ada', reason: 'asked by phone' })
        .then([inspected]);
  });
  it('changes nothing of the account', () => {
    expect(fold(account, [registered, passwordSet, inspected])).toEqual(fold(account, [registered, passwordSet]));
  });
});

describe('what is only told', () => {
  it.each<AccountEvent>([
    { type: 'PasskeyCloned', data: { factorId: 'passkey-1' } },
    { type: 'BindingLinkSent', data: { connectionId: 'login', attempt: 'one', sentAt: AT } },
  ])('changes nothing of the account: $type', (event) => {
    expect(fold(account, [registered, passwordSet, event])).toEqual(fold(account, [registered, passwordSet]));
  });
});

it('takes its address when it is registered, and never lets go of it', () => {
  const { reservations } = account;
  expect(reservations?.taken([{ scope: 'email', key: '' }]).refused).toBe('account/address-taken');
  expect([registered, passwordSet, suspended].map((event) => reservations?.takes(event))).toStrictEqual([
    [{ scope: 'email', key: registered.data.emailDigest }],
    [],
    [],
  ]);
  expect([registered, passwordSet, suspended].map((event) => reservations?.releases(event))).toStrictEqual([
    [],
    [],
    [],
  ]);
});

it('knows the latest password, and forgets it with the person', () => {
  expect(
    fold(account, [registered, passwordSet, { type: 'PasswordSet', data: {}, personal: { hash: 'later' } }]),
  ).toMatchObject({ status: 'active', name: 'Ada', password: { hash: 'later', alone: true } });
  expect(fold(account, [registered, passwordSet, { type: 'PasswordSet', data: {} }])).toMatchObject({
    password: { hash: undefined },
  });
});

it('shows "erased" where the person\'s key is gone', () => {
  const { personal: _, ...masked } = registered;
  expect(fold(account, [masked as AccountEvent])).toMatchObject({ email: ERASED, name: ERASED });
  // Shown to people, and looked for by operators.
  expect(ERASED).toBe('erased');
});

const commands = fc.oneof(
  fc.constant<AccountCommand>(register),
  fc.record({ type: fc.constant('RenameAccount' as const), name: fc.string() }),
  fc.record({ type: fc.constant('SetIdleTimeout' as const), enabled: fc.boolean(), demanded: fc.boolean() }),
  fc.constant<AccountCommand>(suspend),
  fc.constant<AccountCommand>({ type: 'ReactivateAccount', at: AT }),
);

it('yields nothing when any command is repeated in the state it led to', () => {
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 30 }), (list) => {
      const events: AccountEvent[] = [];
      for (const command of list) {
        const decided = account.decide(command, fold(account, events));
        if (!('refused' in decided)) events.push(...decided);
        const again = account.decide(command, fold(account, events));
        expect('refused' in again || again.length === 0).toBe(true);
      }
    }),
  );
});

describe('UndoAddress', () => {
  it('stops a recovery of factors: its link may have gone to the mailbox that the account is taken back from', () => {
    const changed = {
      type: 'AddressChanged',
      data: { emailDigest: 'new', previousDigest: 'digest-of-ada', requestedAt: AT, changedAt: AT },
      personal: { email: 'thief@example.com', previous: 'ada@example.com' },
    } as const;
    const restored = {
      type: 'AddressRestored',
      data: { emailDigest: 'digest-of-ada', undoneDigest: 'new' },
      personal: { email: 'ada@example.com' },
    } as const;
    given(account, [registered, changed, { type: 'FactorRecoveryRequested', data: { requestedAt: AT } }])
      .when({ type: 'UndoAddress', at: AT })
      .then([restored, { type: 'FactorRecoveryCanceled', data: { by: 'holder' } }]);
  });
});

describe('FollowAddress', () => {
  const follow = (emailDigest: string): AccountCommand => ({
    type: 'FollowAddress',
    email: `${emailDigest}@acme.example`,
    emailDigest,
    at: AT,
  });
  const changed = (emailDigest: string, previousDigest: string, previous: string) =>
    ({
      type: 'AddressChanged',
      data: { emailDigest, previousDigest, requestedAt: AT, changedAt: AT, by: 'provider' },
      personal: { email: `${emailDigest}@acme.example`, previous },
    }) as const;
  const first = changed('one', 'digest-of-ada', 'ada@example.com');

  it('changes the address, once', () => {
    given(account, [registered]).when(follow('one')).then([first]);
    given(account, [registered, first]).when(follow('one')).thenNothing();
  });
  it('leaves no address taken between two changes', () => {
    given(account, [registered, first])
      .when(follow('two'))
      .then([
        { type: 'AddressSettled', data: { previousDigest: 'digest-of-ada' } },
        changed('two', 'one', 'one@acme.example'),
      ]);
  });
});

describe('RefuseBinding', () => {
  const refuse = (at: string): AccountCommand => ({
    type: 'RefuseBinding',
    organizationId: 'acme',
    connectionId: 'login',
    at,
  });
  const refused = {
    type: 'BindingRefused',
    data: { organizationId: 'acme', connectionId: 'login', at: '2026-01-01T00:00:00.000Z' },
  } as const;

  it('is said once a day, whoever causes it', () => {
    given(account, [registered]).when(refuse(refused.data.at)).then([refused]);
    given(account, [registered, refused]).when(refuse('2026-01-01T23:59:59.999Z')).thenNothing();
    const at = '2026-01-02T00:00:00.000Z';
    given(account, [registered, refused])
      .when(refuse(at))
      .then([{ ...refused, data: { ...refused.data, at } }]);
  });
});
