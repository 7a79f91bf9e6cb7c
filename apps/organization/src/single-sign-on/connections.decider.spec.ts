import { fold } from '#event-sourcing';
import { given } from '#testing';
import { enforcedOf, isClosedToGuests } from './connections.decider.ts';
import { singleSignOn } from './single-sign-on.decider.ts';
import {
  AT,
  claimed,
  configured,
  drafted,
  enforced,
  hoursLater,
  ids,
  oidc,
  saml,
  tested,
  turnedOff,
  usual,
  verified,
} from './single-sign-on.example.ts';
import type { SingleSignOnCommand, SingleSignOnEvent } from './vocabulary.decider.ts';

const { ada, connection: connectionId, other } = ids;
const atWork = [drafted, configured(), tested(), claimed, verified(), enforced()];
const bySaml = [drafted, configured(1, saml), tested(), claimed, verified(), enforced()];
const subject = 'userName' as const;
const many = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

describe('DraftConnection', () => {
  const draft = (id: string): SingleSignOnCommand => ({ type: 'DraftConnection', connectionId: id, name: 'Acme' });
  const draftOf = (id: string): SingleSignOnEvent => ({ ...drafted, data: { connectionId: id, name: 'Acme' } });

  it('makes one of this name, which nobody signs in by yet, once', () => {
    given(singleSignOn, []).when(draft(connectionId)).then([drafted]);
    given(singleSignOn, [drafted]).when(draft(connectionId)).thenNothing();
    expect(fold(singleSignOn, [drafted]).connections.get(connectionId)).toMatchObject({
      name: 'Acme',
      newest: undefined,
      enforced: undefined,
      off: false,
      settings: usual,
    });
  });
  it('is refused to an organization that has ten, until one is removed', () => {
    const ten = many(10).map(draftOf);
    given(singleSignOn, ten.slice(1)).when(draft(connectionId)).then([drafted]);
    given(singleSignOn, ten).when(draft(connectionId)).thenRefused('connection/too-many');
    given(singleSignOn, ten).when(draft('0')).thenNothing();
    const removed: SingleSignOnEvent = { type: 'ConnectionRemoved', data: { connectionId: '0' } };
    given(singleSignOn, [...ten, removed])
      .when(draft(connectionId))
      .then([drafted]);
  });
});

it.each<SingleSignOnCommand>([
  {
    type: 'SettleConnection',
    connectionId,
    by: ada,
    sessionHours: 24,
    justInTime: false,
    guests: 'allowed',
    breakGlass: undefined,
  },
  { type: 'RecordTest', connectionId, n: 1, by: ada, fresh: true, at: AT },
  { type: 'Enforce', connectionId, breakGlassAble: true, at: AT },
  { type: 'TurnOff', connectionId, reason: 'owner' },
  { type: 'RemoveConnection', connectionId },
  { type: 'AnnounceTurnOff', connectionId, dueAt: AT },
  { type: 'MakeScimToken', connectionId, tokenId: 't', by: ada, digest: 'd', subject },
])('$type is refused of a connection that is not there, or is no more', (command) => {
  for (const events of [[], [drafted, { type: 'ConnectionRemoved', data: { connectionId } } as const]])
    given(singleSignOn, events).when(command).thenRefused('connection/unknown');
});

it('a connection is as it was left: tested, off, and whoever is not of it as its settings say', () => {
  const state = (...events: SingleSignOnEvent[]) => fold(singleSignOn, events).connections.get(connectionId);
  expect(state(...atWork, turnedOff)).toMatchObject({ off: true, enforced: undefined, tested: undefined });
  expect(state(...atWork, turnedOff, tested(), enforced())).toMatchObject({ off: false, enforced: { n: 1 } });
  const closed = { ...usual, guests: 'none' } as const;
  const settled: SingleSignOnEvent = { type: 'ConnectionSettled', data: { connectionId, ...closed } };
  const isClosed = (...events: SingleSignOnEvent[]) => isClosedToGuests(fold(singleSignOn, events));
  expect([
    isClosed(...atWork),
    isClosed(drafted, settled),
    isClosed(...atWork, settled, enforced(1, closed)),
    isClosed(...atWork, settled, enforced(1, closed), turnedOff),
  ]).toEqual([false, false, true, false]);
});

describe('of several connections', () => {
  const another: SingleSignOnEvent = { type: 'ConnectionDrafted', data: { connectionId: other, name: 'Mill' } };

  it('the one that is enforced is found, and none where none is', () => {
    expect(enforcedOf(fold(singleSignOn, [another, ...atWork]))).toMatchObject({ connectionId, name: 'Acme' });
    expect(enforcedOf(fold(singleSignOn, [another, drafted]))).toBeUndefined();
  });
  it('one that is removed takes what was enforced along, and nothing of the others', () => {
    given(singleSignOn, [...atWork, another])
      .when({ type: 'RemoveConnection', connectionId: other })
      .then([{ type: 'ConnectionRemoved', data: { connectionId: other } }]);
    given(singleSignOn, [...atWork, another])
      .when({ type: 'RemoveConnection', connectionId })
      .then([
        { type: 'SingleSignOnTurnedOff', data: { connectionId, reason: 'removed' } },
        { type: 'ConnectionRemoved', data: { connectionId } },
      ]);
  });
});

describe('TrustCertificates', () => {
  const trust = (...certificates: string[]): SingleSignOnCommand => ({
    type: 'TrustCertificates',
    connectionId,
    certificates,
    certificatesEndAt: hoursLater(1),
  });
  const [known] = saml.certificates;

  it('is for what is enforced by SAML alone', () => {
    for (const events of [[], atWork, [drafted, configured(1, saml)]])
      given(singleSignOn, events).when(trust('new')).thenNothing();
  });
  it('trusts what is new beside what is known, five at most, the newest first', () => {
    const changed = (...certificates: string[]): SingleSignOnEvent => ({
      type: 'CertificatesChanged',
      data: { connectionId, n: 2, certificates, certificatesEndAt: hoursLater(1) },
    });
    given(singleSignOn, bySaml)
      .when(trust(known, 'new'))
      .then([changed(known, 'new'), enforced(2)]);
    given(singleSignOn, bySaml)
      .when(trust(...many(5)))
      .then([changed(...many(5)), enforced(2)]);
    given(singleSignOn, bySaml)
      .when(trust(...many(4)))
      .then([changed(...many(4), known), enforced(2)]);
  });
  it('changes the certificates alone, and what is newest with what is enforced', () => {
    const events: SingleSignOnEvent[] = [
      ...bySaml,
      {
        type: 'CertificatesChanged',
        data: { connectionId, n: 2, certificates: ['new'], certificatesEndAt: hoursLater(1) },
      },
    ];
    const follows = { n: 2, configuration: { ...saml, certificates: ['new'], certificatesEndAt: hoursLater(1) } };
    expect(fold(singleSignOn, events).connections.get(connectionId)).toMatchObject({
      newest: follows,
      enforced: follows,
    });
  });
  it('says nothing of what has been turned off since', () => {
    const events: SingleSignOnEvent[] = [
      ...bySaml,
      turnedOff,
      { type: 'CertificatesChanged', data: { connectionId, n: 2, certificates: ['new'], certificatesEndAt: AT } },
    ];
    expect(fold(singleSignOn, events).connections.get(connectionId)?.newest).toEqual({ n: 1, configuration: saml });
  });
});

describe('SCIM tokens', () => {
  const token = (tokenId: string) => ({ connectionId, tokenId, digest: `digest-${tokenId}`, subject });
  const make = (tokenId: string): SingleSignOnCommand => ({ type: 'MakeScimToken', ...token(tokenId), by: ada });
  const made = (tokenId: string): SingleSignOnEvent => ({
    type: 'ScimTokenMade',
    data: { ...token(tokenId), accountId: ada },
  });
  const revoke = (tokenId: string): SingleSignOnCommand => ({ type: 'RevokeScimToken', connectionId, tokenId });
  const revoked = (tokenId: string): SingleSignOnEvent => ({
    type: 'ScimTokenRevoked',
    data: { connectionId, tokenId },
  });

  it('are made in the name of an owner, who stands for them', () => {
    given(singleSignOn, [drafted])
      .when(make('one'))
      .then([made('one')]);
    expect(
      fold(singleSignOn, [drafted, made('one'), made('two')])
        .connections.get(connectionId)
        ?.scimTokens.entries(),
    ).toEqual([
      ['one', ada],
      ['two', ada],
    ]);
  });
  it('are ten at most, of which one that is revoked is none', () => {
    const ten = [drafted, ...many(10).map(made)];
    given(singleSignOn, ten.slice(0, -1))
      .when(make('one-more'))
      .then([made('one-more')]);
    given(singleSignOn, ten).when(make('one-more')).thenRefused('scim-token/too-many');
    given(singleSignOn, [...ten, revoked('3')])
      .when(make('one-more'))
      .then([made('one-more')]);
  });
  it('are revoked once, and only where there are', () => {
    given(singleSignOn, [drafted, made('one')])
      .when(revoke('one'))
      .then([revoked('one')]);
    given(singleSignOn, [drafted, made('one'), revoked('one')])
      .when(revoke('one'))
      .thenNothing();
    for (const events of [[], [drafted], [drafted, made('two')]])
      given(singleSignOn, events).when(revoke('one')).thenNothing();
  });
});

it('what is said of a connection that is there no more changes nothing', () => {
  const gone: SingleSignOnEvent[] = [drafted, { type: 'ConnectionRemoved', data: { connectionId } }];
  const token = { connectionId, tokenId: 'one' };
  const ofTokens: SingleSignOnEvent[] = [
    { type: 'ScimTokenMade', data: { ...token, accountId: ada, digest: 'digest', subject } },
    { type: 'ScimTokenRevoked', data: token },
  ];
  for (const event of [configured(1, oidc), tested(), enforced(), turnedOff, ...ofTokens])
    expect(fold(singleSignOn, [...gone, event]).connections.values()).toEqual([]);
});

it('that the break-glass owner came in changes nothing of how others do', () => {
  const used: SingleSignOnEvent = { type: 'BreakGlassUsed', data: { accountId: ada } };
  expect(fold(singleSignOn, [...atWork, used])).toEqual(fold(singleSignOn, atWork));
});
