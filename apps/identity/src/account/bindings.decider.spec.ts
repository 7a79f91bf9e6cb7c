import { given } from '#testing';
import { account } from './account.decider.ts';
import { registered } from './account.example.ts';
import type { AccountCommand, AccountEvent } from './vocabulary.decider.ts';

const bind = (connectionId: string, subjectDigest: string): AccountCommand => ({
  type: 'BindSubject',
  connectionId,
  subjectDigest,
  subject: 'ada-at-acme',
});
const bound = (connectionId: string, subjectDigest: string) =>
  ({
    type: 'SubjectBound',
    data: { connectionId, subjectDigest },
    personal: { subject: 'ada-at-acme' },
  }) as const satisfies AccountEvent;
const unbound = (connectionId: string, subjectDigest: string) =>
  ({ type: 'SubjectUnbound', data: { connectionId, subjectDigest } }) as const satisfies AccountEvent;
const one = bound('acme', 'ada');
const other = bound('mill', 'lovelace');

describe('BindSubject', () => {
  it('says who the holder is to a provider, once', () => {
    given(account, [registered]).when(bind('acme', 'ada')).then([one]);
    given(account, [registered, one]).when(bind('acme', 'ada')).thenNothing();
  });
  it('says it of each provider for itself', () => {
    given(account, [registered, one]).when(bind('mill', 'lovelace')).then([other]);
    given(account, [registered, one, other]).when(bind('mill', 'lovelace')).thenNothing();
  });
  it('is refused for another person of the same provider, until the first is unbound', () => {
    given(account, [registered, other, one]).when(bind('acme', 'eve')).thenRefused('sign-in/already-bound');
    given(account, [registered, one, unbound('acme', 'ada')])
      .when(bind('acme', 'eve'))
      .then([bound('acme', 'eve')]);
  });
});

describe('UnbindSubject', () => {
  it('lets go of the person of this provider alone', () => {
    given(account, [registered, other, one])
      .when({ type: 'UnbindSubject', connectionId: 'acme' })
      .then([unbound('acme', 'ada')]);
    given(account, [registered, other, one, unbound('acme', 'ada')])
      .when(bind('mill', 'lovelace'))
      .thenNothing();
  });
  it('adds nothing where nobody is bound', () => {
    given(account, [registered, other]).when({ type: 'UnbindSubject', connectionId: 'acme' }).thenNothing();
  });
});

it('of one person at a provider there is one account, until it is unbound', () => {
  const { reservations } = account;
  const name = { scope: 'subject', key: 'acme|ada' };
  expect(reservations?.taken([name]).refused).toBe('sign-in/already-bound');
  expect([one, unbound('acme', 'ada')].map((event) => reservations?.takes(event))).toStrictEqual([[name], []]);
  expect([one, unbound('acme', 'ada')].map((event) => reservations?.releases(event))).toStrictEqual([[], [name]]);
});

it('a mail that asks says which sign-in waits for it', () => {
  given(account, [registered])
    .when({ type: 'SendBindingLink', connectionId: 'acme', attempt: 'attempt-1', at: '2026-07-01T00:00:00.000Z' })
    .then([
      {
        type: 'BindingLinkSent',
        data: { connectionId: 'acme', attempt: 'attempt-1', sentAt: '2026-07-01T00:00:00.000Z' },
      },
    ]);
});
