import type { DeliveredFact } from '#bus';
import type { FactData } from '#contracts';
import { v5 as derive } from 'uuid';
import type { LetterFields } from '../letters/letter.ts';
import type { LetterName } from '../letters/letters.ts';

/** What a link of identity's is for: it knows where its letter goes, which may be neither the account's address nor known to anybody else. */
export type Purpose =
  | 'reset'
  | 'reactivation'
  | 'recovery-confirm'
  | 'address-confirm'
  | 'address-undo'
  | 'recovery-cancel'
  | 'recovery-complete'
  | 'sso-bind';

/** Several accounts, found when the mail goes out: of an organization, or the other owners of an account's organizations. */
export type Group = 'owners' | 'members' | 'co-owners';

export type Recipient = 'sign-up' | 'invitation' | 'account' | Group | Purpose;

/** What a letter needs beside its link: ids, kinds, counts and instants. */
export type Details = Omit<LetterFields, 'origin' | 'brand' | 'token'>;

/** A mail that has to go out. */
export interface DueMail {
  readonly messageId: string;
  readonly letter: LetterName;
  readonly recipient: Recipient;
  readonly recipientId: string;
  readonly details: Details;
  readonly eventId: string;
  readonly correlationId: string;
}

/** Namespace of message ids. It never changes: mails under way would go out twice. */
const MESSAGES = '6d0f0c1e-7a52-5b39-8f7c-52c1f4a0d9b3';

/** One message id per fact, letter and recipient: a retry is the same message. */
export const messageIdOf = (eventId: string, letter: LetterName, recipientId: string): string =>
  derive(`${eventId} ${letter} ${recipientId}`, MESSAGES);

/** The mails that a fact asks for. */
export function mailsFor(fact: DeliveredFact): DueMail[] {
  const due = (letter: LetterName, recipient: Recipient, recipientId: string, details: Details = {}): DueMail => ({
    messageId: messageIdOf(fact.eventId, letter, recipientId),
    letter,
    recipient,
    recipientId,
    details,
    eventId: fact.eventId,
    correlationId: fact.correlationId,
  });
  switch (fact.name) {
    case 'SignUpRequested.v1':
      return [due(signUpLetter(fact.data), 'sign-up', fact.data.signUpId)];
    case 'InvitationSent.v1':
      return [due('invitation', 'invitation', fact.data.invitationId)];
    case 'PasswordResetRequested.v1':
      return [due('password-reset', 'reset', fact.data.linkId)];
    case 'ReactivationRequested.v1':
      return [due('reactivation', 'reactivation', fact.data.linkId)];
    case 'FactorRecoveryAsked.v1':
      return [due('recovery-confirm', 'recovery-confirm', fact.data.linkId)];
    case 'FactorRecoveryApproved.v1':
      return [
        due('recovery-approved', 'recovery-cancel', fact.data.accountId, { dueAt: fact.data.dueAt }),
        due('recovery-approved-co-owners', 'co-owners', fact.data.accountId, fact.data),
      ];
    case 'SecondFactorRequired.v1':
      return [due('second-factor-demanded', 'members', fact.data.organizationId, { from: fact.data.from })];
    case 'SingleSignOnEnforced.v1':
      return [due('single-sign-on-enforced', 'owners', fact.data.organizationId)];
    case 'SingleSignOnEnding.v1':
      return [due('single-sign-on-ending', 'owners', fact.data.organizationId, { dueAt: fact.data.dueAt })];
    case 'SingleSignOnTurnedOff.v1':
      // Where another connection is enforced at the same moment, its letter tells of that.
      return fact.data.reason === 'replaced'
        ? []
        : [
            due('single-sign-on-off', 'owners', fact.data.organizationId, {
              by: fact.data.reason === 'operator' ? 'operator' : 'owner',
            }),
          ];
    case 'BreakGlassUsed.v1':
      return [due('break-glass-used', 'owners', fact.data.organizationId)];
    case 'CertificateExpiring.v1':
      return [due('certificate-expiring', 'owners', fact.data.organizationId, { expiresAt: fact.data.expiresAt })];
    case 'DomainMissed.v1': {
      const { organizationId, domain, since } = fact.data;
      return [due('domain-missing', 'owners', organizationId, { domain, since })];
    }
    case 'DomainLapsed.v1':
      return [due('domain-lapsed', 'owners', fact.data.organizationId, { domain: fact.data.domain })];
    case 'DomainReleased.v1':
      return fact.data.reason === 'proved-by-another'
        ? [due('domain-lost', 'owners', fact.data.organizationId, { domain: fact.data.domain })]
        : [];
    case 'FactorRecoveryDue.v1':
      return [due('recovery-ready', 'recovery-complete', fact.data.accountId)];
    case 'AddressChangeRequested.v1':
      return [
        due('address-confirm', 'address-confirm', fact.data.accountId),
        // Where the provider asks, both are told when it is done.
        ...(fact.data.by === 'provider' ? [] : [due('address-changing', 'account', fact.data.accountId)]),
      ];
    case 'AddressChanged.v1':
      return fact.data.by === 'provider'
        ? [
            due('address-followed', 'address-undo', fact.data.accountId),
            due('address-followed', 'account', fact.data.accountId),
          ]
        : [due('address-changed', 'address-undo', fact.data.accountId)];
    case 'BindingLinkSent.v1':
      return [due('binding-link', 'sso-bind', fact.data.accountId)];
    case 'BindingRefused.v1': {
      const { accountId, organizationId } = fact.data;
      return [
        due('binding-refused', 'owners', organizationId, { accountId }),
        due('binding-refused', 'account', accountId, { accountId }),
      ];
    }
    case 'KeyIssued.v1':
      return [due('key-made', 'account', fact.data.accountId)];
    case 'KeyExpiring.v1': {
      const { accountId, keyId, name: keyName, projectName, expiresAt, daysLeft } = fact.data;
      return [due('key-expiring', 'account', accountId, { keyId, keyName, projectName, expiresAt, daysLeft })];
    }
    case 'KeyLeakReported.v1':
      return [
        due('key-leaked', 'account', fact.data.accountId),
        due('key-leaked-owners', 'owners', fact.data.organizationId, { accountId: fact.data.accountId }),
      ];
    // Its id was derived where it was decided, from the account and the due date.
    case 'InactivityWarningIssued.v1':
      return [
        {
          ...due('inactivity-warning', 'account', fact.data.accountId, { suspendAt: fact.data.suspendAt }),
          messageId: fact.data.messageId,
        },
      ];
    case 'AccountSuspended.v1':
      return [due('suspended', 'account', fact.data.accountId, { reason: fact.data.reason })];
    default:
      return notices(fact).map(({ letter, accountId, details }) => due(letter, 'account', accountId, details));
  }
}

/** Where an organization's provider judges alone, the link leads to a sign-in that waits for it, if one does. */
function signUpLetter({ registered, singleSignOn }: FactData<'SignUpRequested.v1'>): LetterName {
  if (registered) return 'already-registered';
  return singleSignOn ? 'joining-link' : 'sign-up';
}

interface Notice {
  readonly letter: LetterName;
  readonly accountId: string;
  readonly details?: Details;
}

/** What the holder of an account hears of that somebody did in their name, or tried to. */
function notices({ name, data }: DeliveredFact): Notice[] {
  switch (name) {
    case 'AccountReactivated.v1':
      return [{ letter: 'reactivated', accountId: data.accountId }];
    case 'PasswordSet.v1':
      return [{ letter: 'password-changed', accountId: data.accountId }];
    case 'LoginRecorded.v2':
      return data.newDevice ? [{ letter: 'new-device', accountId: data.accountId }] : [];
    case 'SignInsRefused.v1':
      return [{ letter: data.kind === 'password' ? 'password-guessed' : 'password-known', accountId: data.accountId }];
    case 'AuthenticatorAdded.v1':
      return [{ letter: 'factor-added', accountId: data.accountId, details: { kind: 'authenticator' } }];
    case 'PasskeyAdded.v1':
      return [{ letter: 'factor-added', accountId: data.accountId, details: { kind: 'passkey' } }];
    case 'FactorRemoved.v1':
      // After a recovery or an undone address all go at once, by a link of the holder's: one letter tells of that.
      return data.reason === 'holder' || data.reason === 'cloned'
        ? [{ letter: 'factor-removed', accountId: data.accountId, details: { kind: data.kind } }]
        : [];
    case 'PasskeyCloned.v1':
      return [{ letter: 'passkey-cloned', accountId: data.accountId }];
    case 'RecoveryCodesIssued.v1':
      return [{ letter: 'recovery-codes-issued', accountId: data.accountId }];
    case 'RecoveryCodeSpent.v1':
      return [{ letter: 'recovery-code-spent', accountId: data.accountId, details: { left: data.left } }];
    case 'MultiFactorEnabled.v1':
      return [{ letter: 'multi-factor-enabled', accountId: data.accountId }];
    case 'MultiFactorDisabled.v1':
      return [{ letter: 'multi-factor-disabled', accountId: data.accountId }];
    case 'SubjectBound.v1':
      return [{ letter: 'subject-bound', accountId: data.accountId }];
    case 'SubjectUnbound.v1':
      return [{ letter: 'subject-unbound', accountId: data.accountId }];
    case 'FactorRecoveryCanceled.v1':
      return [{ letter: 'recovery-canceled', accountId: data.accountId }];
    default:
      return [];
  }
}

/** What turning multi-factor authentication on does as well, and its letter says. */
const PARTS_OF_ENABLING: readonly LetterName[] = ['factor-added', 'recovery-codes-issued'];

/** Of mails that come together, those that say something of their own: one click is one letter. */
export const worthSending = (mails: readonly DueMail[]): DueMail[] => {
  const enabling = new Set(
    mails.flatMap(({ letter, correlationId }) => (letter === 'multi-factor-enabled' ? [correlationId] : [])),
  );
  return mails.filter(
    ({ letter, correlationId }) => !(PARTS_OF_ENABLING.includes(letter) && enabling.has(correlationId)),
  );
};

/** One mail for each of a group; the account that it is about has its own letter. */
export const mailsForEach = (mail: DueMail, accountIds: readonly string[]): DueMail[] =>
  accountIds
    .filter((accountId) => accountId !== mail.details.accountId)
    .map((accountId) => ({
      ...mail,
      messageId: messageIdOf(mail.eventId, mail.letter, accountId),
      recipient: 'account' as const,
      recipientId: accountId,
    }));
