import { fold, isRefusal } from '#event-sourcing';
import { given } from '#testing';
import fc from 'fast-check';
import { enforcedOf } from './connections.decider.ts';
import { singleSignOn } from './single-sign-on.decider.ts';
import {
  AT,
  claimed,
  configured,
  drafted,
  enforced,
  hoursLater,
  ids,
  lapsed,
  missed,
  oidc,
  saml,
  tested,
  turnedOff,
  usual,
  verified,
} from './single-sign-on.example.ts';
import type { SingleSignOnCommand, SingleSignOnEvent } from './vocabulary.decider.ts';

const { ada, bob, connection: connectionId, other, domain: domainId } = ids;
const ready = [drafted, configured(), tested(), claimed, verified()];
const atWork = [...ready, enforced()];
const enforce = (at = AT, breakGlassAble = true, id: string = connectionId) =>
  ({ type: 'Enforce', connectionId: id, breakGlassAble, at }) as const;
const settle = (change: object = {}) =>
  ({
    type: 'SettleConnection',
    connectionId,
    by: ada,
    sessionHours: 24,
    justInTime: false,
    guests: 'allowed',
    breakGlass: undefined,
    ...change,
  }) as const;

describe('ConfigureConnection', () => {
  const configure = { type: 'ConfigureConnection', connectionId, configuration: oidc } as const;
  it('counts each configuration', () => {
    given(singleSignOn, [drafted])
      .when(configure)
      .then([configured(1)]);
    given(singleSignOn, [drafted, configured()])
      .when(configure)
      .then([configured(2)]);
  });
  it('leaves what is enforced as it is', () => {
    const state = fold(singleSignOn, [...atWork, configured(2, saml)]);
    expect(enforcedOf(state)?.enforced).toEqual({ n: 1, configuration: oidc });
  });
  it('is refused of a connection that is not there', () => {
    given(singleSignOn, []).when(configure).thenRefused('connection/unknown');
  });
});

describe('RecordTest', () => {
  const test = { type: 'RecordTest', connectionId, n: 1, by: ada, fresh: true, at: AT } as const;
  it('is kept of the newest configuration', () => {
    given(singleSignOn, [drafted, configured()]).when(test).then([tested()]);
  });
  it('is refused of an older one', () => {
    given(singleSignOn, [drafted, configured(), configured(2)])
      .when(test)
      .thenRefused('connection/not-tested');
  });
});

describe('Enforce', () => {
  it('wants a test and a proved domain of the last 24 hours', () => {
    given(singleSignOn, ready)
      .when(enforce(hoursLater(24)))
      .then([enforced()]);
    given(singleSignOn, [...ready, verified(hoursLater(25))])
      .when(enforce(hoursLater(25)))
      .thenRefused('connection/not-tested');
    given(singleSignOn, [...ready, tested(1, hoursLater(25))])
      .when(enforce(hoursLater(25)))
      .thenRefused('domain/not-proved');
  });
  it('is refused of what was configured after its test, of a draft, and without a domain', () => {
    given(singleSignOn, [...ready, configured(2)])
      .when(enforce())
      .thenRefused('connection/not-tested');
    given(singleSignOn, [drafted, claimed, verified()]).when(enforce()).thenRefused('connection/invalid');
    given(singleSignOn, [drafted, configured(), tested(), claimed]).when(enforce()).thenRefused('domain/not-proved');
  });
  it('is refused while the proof of the only domain is missing', () => {
    given(singleSignOn, [...ready, missed()])
      .when(enforce())
      .thenRefused('domain/not-proved');
  });
  it('is refused when the break-glass owner is able no more', () => {
    given(singleSignOn, ready).when(enforce(AT, false)).thenRefused('single-sign-on/break-glass-needed');
  });
  it('turns the older connection off at the same moment', () => {
    const second: SingleSignOnEvent[] = [
      { type: 'ConnectionDrafted', data: { connectionId: other, name: 'New' } },
      { type: 'ConnectionConfigured', data: { connectionId: other, n: 1, configuration: saml } },
      { type: 'ConnectionTested', data: { connectionId: other, n: 1, by: ada, fresh: false, at: AT } },
    ];
    given(singleSignOn, [...atWork, ...second])
      .when(enforce(AT, true, other))
      .then([
        { type: 'SingleSignOnTurnedOff', data: { connectionId, reason: 'replaced' } },
        { type: 'SingleSignOnEnforced', data: { connectionId: other, n: 1, ...usual } },
      ]);
  });
  it('promotes a newer configuration once that is tested', () => {
    given(singleSignOn, [...atWork, configured(2), tested(2)])
      .when(enforce())
      .then([enforced(2)]);
  });
  it('adds nothing when it is repeated', () => {
    given(singleSignOn, atWork)
      .when(enforce(hoursLater(48)))
      .thenNothing();
  });
  it('wants another test after it was turned off', () => {
    given(singleSignOn, [...atWork, turnedOff])
      .when(enforce())
      .thenRefused('connection/not-tested');
    given(singleSignOn, [...atWork, turnedOff, tested()])
      .when(enforce())
      .then([enforced()]);
  });
});

describe('SettleConnection', () => {
  it('holds at once where the connection is enforced, for the configuration that is', () => {
    const settings = { ...usual, sessionHours: 8 };
    given(singleSignOn, [...atWork, configured(2)])
      .when(settle({ sessionHours: 8 }))
      .then([{ type: 'ConnectionSettled', data: { connectionId, ...settings } }, enforced(1, settings)]);
  });
  it('keeps the owner who switched just-in-time on', () => {
    const by = { type: 'ConnectionSettled', data: { connectionId, ...usual, justInTime: ada } } as const;
    given(singleSignOn, [drafted])
      .when(settle({ justInTime: true }))
      .then([by]);
    given(singleSignOn, [drafted, by])
      .when(settle({ by: bob, justInTime: true }))
      .thenNothing();
  });
  it('takes a break-glass owner who is able alone', () => {
    given(singleSignOn, [drafted])
      .when(settle({ breakGlass: { accountId: bob, able: true } }))
      .then([{ type: 'ConnectionSettled', data: { connectionId, ...usual, breakGlassAccountId: bob } }]);
    given(singleSignOn, [drafted])
      .when(settle({ breakGlass: { accountId: bob, able: false } }))
      .thenRefused('single-sign-on/break-glass-needed');
  });
});

describe('TurnOff and RemoveConnection', () => {
  it('end what is enforced', () => {
    given(singleSignOn, atWork).when({ type: 'TurnOff', connectionId, reason: 'owner' }).then([turnedOff]);
    given(singleSignOn, atWork)
      .when({ type: 'RemoveConnection', connectionId })
      .then([
        { type: 'SingleSignOnTurnedOff', data: { connectionId, reason: 'removed' } },
        { type: 'ConnectionRemoved', data: { connectionId } },
      ]);
  });
  it('add nothing to what is off', () => {
    given(singleSignOn, ready).when({ type: 'TurnOff', connectionId, reason: 'owner' }).thenNothing();
  });
});

describe('AnnounceTurnOff', () => {
  const dueAt = hoursLater(24);
  const announce = { type: 'AnnounceTurnOff', connectionId, dueAt } as const;
  const ending = { type: 'SingleSignOnEnding', data: { connectionId, dueAt } } as const;
  const watch = (hours: number) => ({ type: 'WatchConnection', connectionId, at: hoursLater(hours) }) as const;
  it('turns it off when it is due, and not before', () => {
    given(singleSignOn, atWork).when(announce).then([ending]);
    given(singleSignOn, [...atWork, ending])
      .when(announce)
      .thenNothing();
    given(singleSignOn, [...atWork, ending])
      .when(watch(23))
      .thenNothing();
    given(singleSignOn, [...atWork, ending])
      .when(watch(24))
      .then([{ type: 'SingleSignOnTurnedOff', data: { connectionId, reason: 'operator' } }]);
  });
  it('is void once an owner has enforced the connection again', () => {
    given(singleSignOn, [...atWork, ending])
      .when(enforce())
      .then([enforced()]);
    given(singleSignOn, [...atWork, ending, enforced()])
      .when(watch(24))
      .thenNothing();
  });
});

describe('WatchConnection', () => {
  const watch = (hours: number) => ({ type: 'WatchConnection', connectionId, at: hoursLater(hours) }) as const;
  const bySaml = [drafted, configured(1, saml), tested(), claimed, verified(), enforced()];
  const told = (days: 30 | 7 | 1): SingleSignOnEvent => ({
    type: 'CertificateExpiring',
    data: { connectionId, expiresAt: saml.certificatesEndAt, days },
  });
  it('tells 30, 7 and 1 days ahead, once each', () => {
    given(singleSignOn, bySaml)
      .when(watch(9 * 24))
      .thenNothing();
    given(singleSignOn, bySaml)
      .when(watch(10 * 24))
      .then([told(30)]);
    given(singleSignOn, [...bySaml, told(30)])
      .when(watch(11 * 24))
      .thenNothing();
    given(singleSignOn, [...bySaml, told(30)])
      .when(watch(33 * 24))
      .then([told(7)]);
    given(singleSignOn, [...bySaml, told(7)])
      .when(watch(39 * 24))
      .then([told(1)]);
    given(singleSignOn, [...bySaml, told(1)])
      .when(watch(60 * 24))
      .thenNothing();
  });
  it('tells nothing of what is not enforced', () => {
    given(singleSignOn, bySaml.slice(0, -1))
      .when(watch(39 * 24))
      .thenNothing();
  });
});

describe('TrustCertificates', () => {
  const bySaml = [drafted, configured(1, saml), tested(), claimed, verified(), enforced()];
  const trust = (...certificates: string[]) =>
    ({ type: 'TrustCertificates', connectionId, certificates, certificatesEndAt: AT }) as const;
  const changed = (n: number, ...certificates: string[]) =>
    ({ type: 'CertificatesChanged', data: { connectionId, n, certificates, certificatesEndAt: AT } }) as const;
  const [known] = saml.certificates;
  it('trusts a new one beside the old, as a configuration of its own, and nothing twice', () => {
    given(singleSignOn, bySaml)
      .when(trust('new'))
      .then([changed(2, 'new', known), enforced(2)]);
    given(singleSignOn, [...bySaml, changed(2, 'new', known), enforced(2)])
      .when(trust('new'))
      .thenNothing();
  });
  it('leaves what an owner has configured since, which still wants its test', () => {
    const events = [...bySaml, configured(2), changed(3, 'new', known), enforced(3)];
    const { newest, enforced: live } = fold(singleSignOn, events).connections.get(connectionId) ?? {};
    expect([newest, live?.n]).toEqual([{ n: 2, configuration: oidc }, 3]);
    given(singleSignOn, events)
      .when({ type: 'ConfigureConnection', connectionId, configuration: oidc })
      .then([configured(4)]);
    given(singleSignOn, events).when(enforce()).thenRefused('connection/not-tested');
  });
});

describe('RecordBreakGlass', () => {
  it('is kept of the owner who has the privilege, and of nobody else', () => {
    const settings = { ...usual, breakGlassAccountId: bob };
    const held: SingleSignOnEvent[] = [
      ...ready,
      { type: 'ConnectionSettled', data: { connectionId, ...settings } },
      enforced(1, settings),
    ];
    given(singleSignOn, held)
      .when({ type: 'RecordBreakGlass', accountId: bob })
      .then([{ type: 'BreakGlassUsed', data: { accountId: bob } }]);
    given(singleSignOn, held).when({ type: 'RecordBreakGlass', accountId: ada }).thenNothing();
  });
});

describe('ClaimDomain', () => {
  const claim = (at = AT) =>
    ({
      type: 'ClaimDomain',
      domainId: other,
      domain: 'acme.example',
      token: 'another',
      at,
      expiresAt: hoursLater(1440),
    }) as const;
  it('adds nothing while the claim stands', () => {
    given(singleSignOn, [claimed]).when(claim()).thenNothing();
  });
  it('keeps the token, which may be in DNS, when it has expired', () => {
    given(singleSignOn, [claimed])
      .when(claim(hoursLater(721)))
      .then([{ type: 'DomainClaimed', data: { ...claimed.data, expiresAt: hoursLater(1440) } }]);
  });
});

describe('ProveDomain', () => {
  const prove = (at = AT) => ({ type: 'ProveDomain', domainId, by: 'dns', at }) as const;
  it('makes the domain its own', () => {
    given(singleSignOn, [claimed]).when(prove()).then([verified()]);
  });
  it('is refused once the claim has expired', () => {
    given(singleSignOn, [claimed])
      .when(prove(hoursLater(720)))
      .thenRefused('domain/not-proved');
  });
  it('is said again after an hour, or when it was missing, or had lapsed', () => {
    given(singleSignOn, [claimed, verified()])
      .when(prove(hoursLater(1)))
      .thenNothing();
    given(singleSignOn, [claimed, verified()])
      .when(prove(hoursLater(2)))
      .then([verified(hoursLater(2))]);
    given(singleSignOn, [claimed, verified(), missed()]).when(prove()).then([verified()]);
    given(singleSignOn, [claimed, verified(), missed(14), lapsed])
      .when(prove())
      .then([verified()]);
  });
});

describe('MissDomain', () => {
  const miss = (hours: number) => ({ type: 'MissDomain', domainId, at: hoursLater(hours) }) as const;
  const held = [claimed, verified()];
  it('tells at once, after 7 and after 14 days, and lapses after 30', () => {
    given(singleSignOn, held).when(miss(0)).then([missed()]);
    given(singleSignOn, [...held, missed()])
      .when(miss(6 * 24))
      .thenNothing();
    given(singleSignOn, [...held, missed()])
      .when(miss(7 * 24))
      .then([missed(7)]);
    given(singleSignOn, [...held, missed(7)])
      .when(miss(14 * 24))
      .then([missed(14)]);
    given(singleSignOn, [...held, missed(14)])
      .when(miss(29 * 24))
      .thenNothing();
    given(singleSignOn, [...held, missed(14)])
      .when(miss(30 * 24))
      .then([lapsed]);
  });
  it('takes nothing from a claim, from what has lapsed, and from what an operator vouches for', () => {
    given(singleSignOn, [claimed]).when(miss(0)).thenNothing();
    given(singleSignOn, [...held, missed(14), lapsed])
      .when(miss(40 * 24))
      .thenNothing();
    given(singleSignOn, [claimed, { type: 'DomainVerified', data: { ...verified().data, by: 'operator' } }])
      .when(miss(0))
      .thenNothing();
  });
});

describe('SeeDomain', () => {
  const see = { type: 'SeeDomain', domainId, at: hoursLater(48) } as const;
  it('adds nothing to what is well, and heals what was missing or had lapsed', () => {
    given(singleSignOn, [claimed, verified()]).when(see).thenNothing();
    given(singleSignOn, [claimed, verified(), missed()])
      .when(see)
      .then([verified(hoursLater(48))]);
    given(singleSignOn, [claimed, verified(), missed(14), lapsed])
      .when(see)
      .then([verified(hoursLater(48))]);
    given(singleSignOn, []).when(see).thenNothing();
  });
});

describe('YieldDomain', () => {
  const give = (hours: number) => ({ type: 'YieldDomain', domain: 'acme.example', at: hoursLater(hours) }) as const;
  const given72 = {
    type: 'DomainReleased',
    data: { domainId, domain: 'acme.example', reason: 'proved-by-another' },
  } as const;
  it('is refused until the proof has been missing for 72 hours', () => {
    given(singleSignOn, [claimed, verified()]).when(give(100)).thenRefused('domain/taken');
    given(singleSignOn, [claimed, verified(), missed()]).when(give(71)).thenRefused('domain/taken');
    given(singleSignOn, [claimed, verified(), missed()]).when(give(72)).then([given72]);
    given(singleSignOn, [claimed, verified(), missed(14), lapsed])
      .when(give(900))
      .then([given72]);
  });
  it('takes nothing from who only claims it', () => {
    given(singleSignOn, [claimed]).when(give(0)).thenNothing();
  });
});

describe('whatever is asked', () => {
  const connection = fc.constantFrom(connectionId, other);
  const commands: fc.Arbitrary<SingleSignOnCommand> = fc.oneof(
    connection.map((id) => ({ type: 'DraftConnection' as const, connectionId: id, name: 'Acme' })),
    connection.map((id) => ({ type: 'ConfigureConnection' as const, connectionId: id, configuration: oidc })),
    fc
      .tuple(connection, fc.integer({ min: 1, max: 3 }))
      .map(([id, n]) => ({ type: 'RecordTest' as const, connectionId: id, n, by: ada, fresh: true, at: AT })),
    connection.map((id) => enforce(AT, true, id)),
    connection.map((id) => ({ type: 'TurnOff' as const, connectionId: id, reason: 'owner' as const })),
    connection.map((id) => ({ type: 'RemoveConnection' as const, connectionId: id })),
  );
  it('one connection at most is enforced, and only as it was tested', () => {
    fc.assert(
      fc.property(fc.array(commands, { maxLength: 30 }), (asked) => {
        const events: SingleSignOnEvent[] = [claimed, verified()];
        for (const command of asked) {
          const decision = singleSignOn.decide(command, fold(singleSignOn, events));
          if (!isRefusal(decision)) events.push(...decision);
        }
        const { connections } = fold(singleSignOn, events);
        const live = connections.entries().filter(([, { enforced: is }]) => is !== undefined);
        expect(live.length).toBeLessThanOrEqual(1);
        for (const [id, { enforced: is }] of live)
          expect(
            events.some(
              ({ type, data }) => type === 'ConnectionTested' && data.connectionId === id && data.n === is?.n,
            ),
          ).toBe(true);
      }),
    );
  });
});
