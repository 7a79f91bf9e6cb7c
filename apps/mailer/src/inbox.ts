import type { DeliveredFact, Inbox } from '#bus';
import type { Tx } from '#event-sourcing';
import { Injectable } from '@nestjs/common';
import { mailsFor, worthSending } from './mail/due-mail.ts';
import { addMails } from './mail/due-mails.ts';

/** The only way in from the bus: facts that a person must be told of become mails that are due. */
@Injectable()
export class MailerInbox implements Inbox {
  readonly topics = [
    'identity.accounts',
    'identity.logins',
    'organization.organizations',
    'organization.single-sign-on',
    'key-management.keys',
    'inactivity-policy.decisions',
  ] as const;

  takes = (fact: DeliveredFact): boolean => mailsFor(fact).length > 0;

  async receive(facts: readonly DeliveredFact[], { sql }: { sql: Tx }): Promise<void> {
    await addMails(sql, worthSending(facts.flatMap(mailsFor)));
  }
}
