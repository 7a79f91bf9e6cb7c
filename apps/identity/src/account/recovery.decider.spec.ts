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
import type { AccountCommand } from './vocabulary.decider.ts';

const withFactors = [
  registered,
  passwordSet,
  authenticatorAdded,
  codesIssued,
  multiFactorEnabled,
  passkeyAdded,
] as const;
const ASKED = '2026-04-01T00:00:00.000Z';
const APPROVED = '2026-04-02T00:00:00.000Z';
const DUE = '2026-04-05T00:00:00.000Z';
const requested = { type: 'FactorRecoveryRequested', data: { requestedAt: ASKED } } as const;
const approved = {
  type: 'FactorRecoveryApproved',
  data: { operator: 'operator:ada', dueAt: DUE },
  personal: { reason: 'seen by video' },
} as const;
const due = { type: 'FactorRecoveryDue', data: {} } as const;
const canceled = { type: 'FactorRecoveryCanceled', data: { by: 'holder' } } as const;
const disabled = { type: 'MultiFactorDisabled', data: { reason: 'recovery' } } as const;
const request = (at: string): AccountCommand => ({ type: 'RequestFactorRecovery', at });
const approve = (at: string): AccountCommand => ({
  type: 'ApproveFactorRecovery',
  operator: 'operator:ada',
  reason: 'seen by video',
  at,
});
const announce = (at: string): AccountCommand => ({ type: 'AnnounceFactorRecovery', at });
const complete = (at: string): AccountCommand => ({ type: 'CompleteFactorRecovery', at });

describe('RequestFactorRecovery', () => {
  it('says that all factors are lost, and again before an operator approves: the newer word counts', () => {
    given(account, withFactors).when(request(ASKED)).then([requested]);
    given(account, [...withFactors, requested])
      .when(request(APPROVED))
      .then([{ ...requested, data: { requestedAt: APPROVED } }]);
  });
  it('adds nothing once an operator has approved: the 72 hours do not begin anew', () => {
    given(account, [...withFactors, requested, approved])
      .when(request(DUE))
      .thenNothing();
  });
  it('is refused where no second factor is asked for', () => {
    given(account, [registered, passwordSet, passkeyAdded]).when(request(ASKED)).thenRefused('factor/none');
  });
});

describe('ApproveFactorRecovery', () => {
  it('gives the holder 72 hours to hear of it, and seals what was typed', () => {
    given(account, [...withFactors, requested])
      .when(approve(APPROVED))
      .then([approved]);
  });
  it('adds nothing when it is repeated', () => {
    given(account, [...withFactors, requested, approved])
      .when(approve(DUE))
      .thenNothing();
  });
  it('is refused where the holder has not asked, or has been heard since, or asked seven days ago', () => {
    for (const events of [withFactors, [...withFactors, requested, canceled], [...withFactors, requested, disabled]])
      given(account, events).when(approve(APPROVED)).thenRefused('recovery/not-due');
    given(account, [...withFactors, requested])
      .when(approve('2026-04-08T00:00:00.000Z'))
      .thenRefused('recovery/not-due');
    given(account, [...withFactors, requested])
      .when(approve('2026-04-07T23:59:59.999Z'))
      .then([{ ...approved, data: { ...approved.data, dueAt: '2026-04-10T23:59:59.999Z' } }]);
  });
});

describe('AnnounceFactorRecovery', () => {
  it('has the link mailed when the 72 hours are over, once', () => {
    given(account, [...withFactors, requested, approved])
      .when(announce('2026-04-04T23:59:59.999Z'))
      .thenNothing();
    given(account, [...withFactors, requested, approved])
      .when(announce(DUE))
      .then([due]);
    given(account, [...withFactors, requested, approved, due])
      .when(announce(DUE))
      .thenNothing();
  });
  it('has nothing mailed that no operator has approved, or that was stopped', () => {
    for (const events of [withFactors, [...withFactors, requested], [...withFactors, requested, approved, canceled]])
      given(account, events).when(announce(DUE)).thenNothing();
  });
});

describe('CancelFactorRecovery', () => {
  it('stops it at any time, and says by what', () => {
    for (const events of [[requested], [requested, approved], [requested, approved, due]])
      given(account, [...withFactors, ...events])
        .when({ type: 'CancelFactorRecovery', by: 'factor' })
        .then([{ type: 'FactorRecoveryCanceled', data: { by: 'factor' } }]);
  });
  it('leaves the account as it was before', () => {
    expect(fold(account, [...withFactors, requested, approved, due, canceled])).toEqual(fold(account, withFactors));
  });
  it('adds nothing where there is none', () => {
    for (const events of [[], [requested, canceled]])
      given(account, [...withFactors, ...events])
        .when({ type: 'CancelFactorRecovery', by: 'holder' })
        .thenNothing();
  });
});

describe('CompleteFactorRecovery', () => {
  const removals = [
    { type: 'FactorRemoved', data: { factorId: 'authenticator-1', kind: 'authenticator', reason: 'recovery' } },
    {
      type: 'FactorRemoved',
      data: {
        factorId: 'passkey-1',
        kind: 'passkey',
        reason: 'recovery',
        credentialDigest: passkeyAdded.data.credentialDigest,
      },
    },
  ] as const;
  const short = { ...passwordSet, data: { ...passwordSet.data, alone: false } };
  const withdrawn = { type: 'PasswordWithdrawn', data: { reason: 'recovery' } } as const;

  it('takes every factor away, and asks for none any more', () => {
    given(account, [...withFactors, requested, approved, due])
      .when(complete(DUE))
      .then([...removals, disabled]);
    expect(fold(account, [...withFactors, requested, approved, due, ...removals, disabled])).toMatchObject({
      factors: [],
      multiFactor: false,
      codes: undefined,
      recovery: undefined,
    });
  });
  it('takes a password along that was long enough beside a second factor alone', () => {
    given(account, [...withFactors, short, requested, approved, due])
      .when(complete(DUE))
      .then([...removals, disabled, withdrawn]);
    given(account, [...withFactors, short, withdrawn, requested, approved, due])
      .when(complete(DUE))
      .then([...removals, disabled]);
  });
  it('takes none along where there is none', () => {
    given(account, [registered, authenticatorAdded, multiFactorEnabled, requested, approved])
      .when(complete(DUE))
      .then([removals[0], disabled]);
  });
  it('is refused before the 72 hours are over', () => {
    given(account, [...withFactors, requested, approved])
      .when(complete('2026-04-04T23:59:59.999Z'))
      .thenRefused('recovery/not-due');
    expect(account.decide(complete(APPROVED), fold(account, [...withFactors, requested, approved]))).toMatchObject({
      facts: { dueAt: DUE },
    });
  });
  it('is refused where nothing was approved, or it was stopped', () => {
    for (const events of [[], [requested], [requested, approved, canceled], [requested, approved, due, disabled]])
      given(account, [...withFactors, ...events])
        .when(complete(DUE))
        .thenRefused('link/unknown');
  });
});
