import { type Fact, factKinds } from '#contracts';
import type { DeliveredFact } from '#bus';
import { readBrand } from '#platform';
import { letters } from '../letters/letters.ts';
import { mailsFor, messageIdOf, worthSending } from './due-mail.ts';

const accountId = '01890a5d-ac96-774b-bcce-b302099a8057';
const factorId = '01890a5d-ac96-774b-bcce-b302099a8058';
const [organizationId, connectionId, domain] = [accountId, factorId, 'acme.example'];
const at = '2026-01-01T00:00:00.000Z';

/** As the bus delivers it: what mails are made of. */
const delivered = (fact: Fact) => ({ ...fact, eventId: 'event', correlationId: 'correlation' }) as DeliveredFact;
const lettersOf = (fact: Fact) => mailsFor(delivered(fact)).map(({ letter }) => letter);

describe('mailsFor', () => {
  it.each<[Fact, string[]]>([
    [{ name: 'PasswordSet.v1', data: { accountId, how: 'reset' } }, ['password-changed']],
    [{ name: 'PasskeyAdded.v1', data: { accountId, factorId } }, ['factor-added']],
    [
      { name: 'FactorRemoved.v1', data: { accountId, factorId, kind: 'passkey', reason: 'holder' } },
      ['factor-removed'],
    ],
    [{ name: 'FactorRemoved.v1', data: { accountId, factorId, kind: 'passkey', reason: 'recovery' } }, []],
    [{ name: 'SignInsRefused.v1', data: { accountId, kind: 'password', at } }, ['password-guessed']],
    [{ name: 'SignInsRefused.v1', data: { accountId, kind: 'second-factor', at } }, ['password-known']],
    [
      {
        name: 'LoginRecorded.v2',
        data: { accountId, sessionId: factorId, methods: ['password'], newDevice: true, at },
      },
      ['new-device'],
    ],
    [
      {
        name: 'LoginRecorded.v2',
        data: { accountId, sessionId: factorId, methods: ['sign-up'], newDevice: false, at },
      },
      [],
    ],
  ])('tells the holder of %j', (fact, expected) => {
    expect(lettersOf(fact)).toEqual(expected);
  });

  it.each<[Fact, [string, string][]]>([
    [{ name: 'BindingLinkSent.v1', data: { accountId, connectionId } }, [['binding-link', 'sso-bind']]],
    [{ name: 'SubjectBound.v1', data: { accountId, connectionId } }, [['subject-bound', 'account']]],
    [{ name: 'SubjectUnbound.v1', data: { accountId, connectionId } }, [['subject-unbound', 'account']]],
    [
      { name: 'BindingRefused.v1', data: { accountId, organizationId, connectionId } },
      [
        ['binding-refused', 'owners'],
        ['binding-refused', 'account'],
      ],
    ],
    [
      { name: 'AddressChanged.v1', data: { accountId, changedAt: at, by: 'provider' } },
      [
        ['address-followed', 'address-undo'],
        ['address-followed', 'account'],
      ],
    ],
    [
      { name: 'AddressChangeRequested.v1', data: { accountId, requestedAt: at, by: 'provider' } },
      [['address-confirm', 'address-confirm']],
    ],
    [{ name: 'AddressChanged.v1', data: { accountId, changedAt: at } }, [['address-changed', 'address-undo']]],
    [
      { name: 'SignUpRequested.v1', data: { signUpId: factorId, registered: false, singleSignOn: true } },
      [['joining-link', 'sign-up']],
    ],
    [
      { name: 'SignUpRequested.v1', data: { signUpId: factorId, registered: true, singleSignOn: true } },
      [['already-registered', 'sign-up']],
    ],
  ])('writes of %j to whom it concerns', (fact, expected) => {
    expect(mailsFor(delivered(fact)).map(({ letter, recipient }) => [letter, recipient])).toEqual(expected);
  });

  it.each<[Fact, string[]]>([
    [
      { name: 'SingleSignOnTurnedOff.v1', data: { organizationId, connectionId, reason: 'operator' } },
      ['single-sign-on-off'],
    ],
    [{ name: 'SingleSignOnTurnedOff.v1', data: { organizationId, connectionId, reason: 'replaced' } }, []],
    [{ name: 'DomainReleased.v1', data: { organizationId, domain, reason: 'proved-by-another' } }, ['domain-lost']],
    [{ name: 'DomainReleased.v1', data: { organizationId, domain, reason: 'given-up' } }, []],
  ])('tells the owners of %j', (fact, expected) => {
    expect(mailsFor(delivered(fact)).map(({ letter, recipient }) => [letter, recipient])).toEqual(
      expected.map((letter) => [letter, 'owners']),
    );
  });

  it('asks of each fact for letters that can be written from it, under one message id however often it comes', () => {
    for (const { name, example } of Object.values(factKinds)) {
      const fact = delivered({ name, data: example } as Fact);
      for (const mail of mailsFor(fact)) {
        expect(() =>
          letters[mail.letter]({
            origin: 'https://quantum.example',
            brand: readBrand(),
            token: 'token',
            domain,
            ...mail.details,
          }),
        ).not.toThrow();
        if (mail.letter !== 'inactivity-warning')
          expect(mail.messageId).toBe(messageIdOf('event', mail.letter, mail.recipientId));
      }
      expect(mailsFor(fact)).toEqual(mailsFor(fact));
    }
  });

  it('writes one letter where the first authenticator also turns multi-factor authentication on', () => {
    const facts: Fact[] = [
      { name: 'AuthenticatorAdded.v1', data: { accountId, factorId } },
      { name: 'RecoveryCodesIssued.v1', data: { accountId, count: 10 } },
      { name: 'MultiFactorEnabled.v1', data: { accountId } },
    ];
    const later = { ...delivered(facts[0] as Fact), correlationId: 'another' };
    expect(worthSending([...facts.map(delivered), later].flatMap(mailsFor)).map(({ letter }) => letter)).toEqual([
      'multi-factor-enabled',
      'factor-added',
    ]);
  });

  it('makes no mail of a sign-in from before there were new browsers', () => {
    const { next } = factKinds['LoginRecorded.v1'];
    const data = next?.upcast({ accountId, sessionId: factorId, method: 'password', at });
    expect(lettersOf({ name: 'LoginRecorded.v2', data } as Fact)).toEqual([]);
  });
});
