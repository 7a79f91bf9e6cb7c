import { fold } from '#event-sourcing';
import { given } from '#testing';
import { domainUnknown, isHeld, isProvedLately } from './domains.decider.ts';
import { singleSignOn } from './single-sign-on.decider.ts';
import { AT, claimed, hoursLater, ids, lapsed, missed, verified } from './single-sign-on.example.ts';
import type { SingleSignOnCommand, SingleSignOnEvent } from './vocabulary.decider.ts';

const { domain: domainId } = ids;
const claim = (change: object = {}): SingleSignOnCommand => ({
  type: 'ClaimDomain',
  ...claimed.data,
  at: AT,
  ...change,
});
const claimOf = (id: string): SingleSignOnEvent => ({
  type: 'DomainClaimed',
  data: { ...claimed.data, domainId: id, domain: `${id}.example` },
});
const release: SingleSignOnCommand = { type: 'ReleaseDomain', domainId };
const released = {
  type: 'DomainReleased',
  data: { domainId, domain: 'acme.example', reason: 'given-up' },
} as const satisfies SingleSignOnEvent;
const dropped = { type: 'ClaimDropped', data: { domainId } } as const satisfies SingleSignOnEvent;
const statusOf = (...events: SingleSignOnEvent[]) => fold(singleSignOn, events).domains.get(domainId);

describe('ClaimDomain', () => {
  it('says by which token it is proved, and until when', () => {
    given(singleSignOn, []).when(claim()).then([claimed]);
    given(singleSignOn, [claimOf('mill')])
      .when(claim())
      .then([claimed]);
    expect(statusOf(claimed)).toEqual({
      domain: 'acme.example',
      token: 'token',
      status: 'claimed',
      expiresAt: claimed.data.expiresAt,
      provedAt: undefined,
      provedBy: 'dns',
      missing: undefined,
    });
  });
  it('adds nothing until the claim has expired, to the instant, nor to a domain that is held', () => {
    const { expiresAt } = claimed.data;
    const again = claim({ domainId: 'newer', token: 'another', at: expiresAt, expiresAt: hoursLater(2_000) });
    given(singleSignOn, [claimed])
      .when(again)
      .then([{ ...claimed, data: { ...claimed.data, expiresAt: hoursLater(2_000) } }]);
    given(singleSignOn, [claimed, verified()]).when(again).thenNothing();
    given(singleSignOn, [claimed, verified(), lapsed]).when(again).thenNothing();
  });
  it('is refused to an organization that has a hundred, until one is given up', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => claimOf(`${i}`));
    given(singleSignOn, hundred.slice(1)).when(claim()).then([claimed]);
    given(singleSignOn, hundred).when(claim()).thenRefused('domain/too-many');
    const first: SingleSignOnEvent = { type: 'ClaimDropped', data: { domainId: '0' } };
    given(singleSignOn, [...hundred, first])
      .when(claim())
      .then([claimed]);
  });
});

describe('ReleaseDomain', () => {
  it('gives up what is held, and drops what was only claimed', () => {
    given(singleSignOn, [claimed]).when(release).then([dropped]);
    given(singleSignOn, [claimed, verified()]).when(release).then([released]);
    given(singleSignOn, [claimed, verified(), missed(14), lapsed])
      .when(release)
      .then([released]);
  });
  it('is refused of a domain that is not there, or is no more', () => {
    expect(domainUnknown.refused).toBe('domain/unknown');
    for (const events of [[], [claimed, dropped], [claimed, verified(), released]])
      given(singleSignOn, events).when(release).thenRefused('domain/unknown');
  });
});

it('a domain that is not there cannot be proved', () => {
  given(singleSignOn, []).when({ type: 'ProveDomain', domainId, by: 'dns', at: AT }).thenRefused('domain/unknown');
});

it('one organization has a domain: from its proof until it gives it up, however long it lapses', () => {
  const { reservations } = singleSignOn;
  const name = [{ scope: 'domain', key: 'acme.example' }];
  const all = [claimed, verified(), missed(), lapsed, released, dropped];
  expect(all.map((event) => reservations?.takes(event))).toStrictEqual([[], name, [], [], [], []]);
  expect(all.map((event) => reservations?.releases(event))).toStrictEqual([[], [], [], [], name, []]);
  expect(reservations?.taken(name as never).refused).toBe('domain/taken');
});

it('signs people in on a proof of the last 24 hours alone, and holds its addresses from the first proof on', () => {
  const of = (...events: SingleSignOnEvent[]) => {
    const domain = statusOf(...events);
    if (!domain) throw new Error('it is not there');
    return [isHeld(domain), isProvedLately(domain, hoursLater(24)), isProvedLately(domain, hoursLater(24.001))];
  };
  expect(of(claimed)).toEqual([false, false, false]);
  expect(of(claimed, verified())).toEqual([true, true, false]);
  expect(of(claimed, verified(), missed())).toEqual([true, false, false]);
  expect(of(claimed, verified(), missed(14), lapsed)).toEqual([true, false, false]);
  expect(statusOf(claimed, verified(), missed(14), lapsed)).toMatchObject({ status: 'lapsed' });
});

it('what is said of a domain that is there no more changes nothing', () => {
  for (const event of [verified(), missed(), lapsed])
    expect(fold(singleSignOn, [claimed, dropped, event]).domains.values()).toEqual([]);
});
