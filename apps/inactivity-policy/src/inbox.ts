import type { DeliveredFact, Inbox } from '#bus';
import type { Cause, EventStore, Tx } from '#event-sourcing';
import { Clock } from '#platform';
import { Injectable } from '@nestjs/common';
import { recordActivity } from './activity/activity.ts';
import { take } from './dormancy/assessment.ts';
import type { DormancyCommand } from './dormancy/dormancy.process.ts';
import { currentPolicy } from './policy/current-policy.ts';

/** The only way in from the bus: who registered, signed in, was suspended or came back, and what became of warnings. */
@Injectable()
export class InactivityPolicyInbox implements Inbox {
  readonly topics = ['identity.accounts', 'identity.logins', 'mailer.mails'] as const;

  constructor(private readonly clock: Clock) {}

  async receive(facts: readonly DeliveredFact[], tx: { store: EventStore; sql: Tx }): Promise<void> {
    await recordActivity(
      tx.sql,
      facts.flatMap((fact) =>
        fact.name === 'LoginRecorded.v2'
          ? [{ accountId: fact.data.accountId, kind: 'signIn' as const, occurredAt: new Date(fact.data.at) }]
          : [],
      ),
    );
    for (const fact of facts) {
      const found = await accountAndCommand(fact, tx.sql);
      if (found) await take(found.command, found.accountId, await currentPolicy(tx.store), this.causeOf(fact), tx);
    }
  }

  private causeOf(fact: DeliveredFact): Cause {
    return {
      at: this.clock.now(),
      correlationId: fact.correlationId,
      causationId: fact.eventId,
      actor: `service:${fact.name.startsWith('Mail') ? 'mailer' : 'identity'}`,
    };
  }
}

interface AccountCommand {
  accountId: string;
  command: DormancyCommand;
}

async function accountAndCommand(fact: DeliveredFact, sql: Tx): Promise<AccountCommand | undefined> {
  switch (fact.name) {
    case 'AccountRegistered.v1':
      return {
        accountId: fact.data.accountId,
        command: { type: 'StartClock', at: instant(fact.data.registeredAt), reason: 'registered' },
      };
    case 'AccountReactivated.v1':
      return {
        accountId: fact.data.accountId,
        command: { type: 'StartClock', at: instant(fact.data.reactivatedAt), reason: 'reactivated' },
      };
    case 'AccountSuspended.v1':
      return {
        accountId: fact.data.accountId,
        command: { type: 'StopClock', at: instant(fact.data.suspendedAt), reason: fact.data.reason },
      };
    case 'MailAccepted.v1':
      return ofWarning(sql, {
        type: 'RecordAccepted',
        messageId: fact.data.messageId,
        at: instant(fact.data.acceptedAt),
      });
    case 'MailBounced.v1':
      return ofWarning(sql, {
        type: 'RecordBounced',
        messageId: fact.data.messageId,
        bounce: fact.data.bounce,
        at: instant(fact.data.bouncedAt),
      });
    default:
      return undefined;
  }
}

/** Most mails are no warnings, and no concern of this service. */
async function ofWarning(
  sql: Tx,
  command: Extract<DormancyCommand, { messageId: string; type: 'RecordAccepted' | 'RecordBounced' }>,
): Promise<AccountCommand | undefined> {
  const { rows } = await sql.query<{ account_id: string }>('SELECT account_id FROM warnings WHERE message_id = $1', [
    command.messageId,
  ]);
  return rows[0] && { accountId: rows[0].account_id, command };
}

const instant = (text: string) => new Date(text).toISOString();
