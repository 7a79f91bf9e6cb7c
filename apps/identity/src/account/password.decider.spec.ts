import { fold } from '#event-sourcing';
import { given } from '#testing';
import { account } from './account.decider.ts';
import { passwordSet, registered } from './account.example.ts';

const AT = '2026-07-01T00:00:00.000Z';

describe('SetPassword', () => {
  it('says by what it was set, whether it may stand alone and when, and seals its digest', () => {
    const set = {
      type: 'PasswordSet',
      data: { how: 'reset', scheme: 'argon2id', alone: false, at: AT },
      personal: { hash: 'newer' },
    } as const;
    given(account, [registered, passwordSet])
      .when({ type: 'SetPassword', how: 'reset', hash: 'newer', alone: false, at: AT })
      .then([set]);
    expect(fold(account, [registered, passwordSet, set])).toMatchObject({
      password: { hash: 'newer', alone: false, at: AT },
    });
  });
});

describe('RehashPassword', () => {
  const rehash = { type: 'RehashPassword', replaces: passwordSet.personal.hash, hash: 'costlier' } as const;
  const rehashed = { type: 'PasswordRehashed', data: { scheme: 'argon2id' }, personal: { hash: 'costlier' } } as const;

  it('replaces the digest that was checked, and changes nothing else of the password', () => {
    given(account, [registered, passwordSet]).when(rehash).then([rehashed]);
    expect(fold(account, [registered, passwordSet, rehashed])).toMatchObject({
      password: { hash: 'costlier', alone: true, at: passwordSet.data.at },
    });
  });
  it('leaves a newer password as it is, and one that is gone', () => {
    given(account, [registered, passwordSet, { ...passwordSet, personal: { hash: 'newer' } }])
      .when(rehash)
      .thenNothing();
    given(account, [registered, passwordSet, { type: 'PasswordWithdrawn', data: { reason: 'recovery' } }])
      .when(rehash)
      .thenNothing();
    given(account, [registered]).when(rehash).thenNothing();
  });
});
