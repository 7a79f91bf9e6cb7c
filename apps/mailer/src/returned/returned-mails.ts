import { type Cause, handle, load, PostgresEventStore } from '#event-sourcing';
import { Clock } from '#platform';
import { Injectable } from '@nestjs/common';
import { removeMail } from '../mail/due-mails.ts';
import { mail } from '../mail/mail.decider.ts';

/** Writes down that a message has come back, whoever says so. */
@Injectable()
export class ReturnedMails {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly clock: Clock,
  ) {}

  /** Answers whether there was such a message. Once is enough: again changes nothing. */
  record(messageId: string): Promise<boolean> {
    const at = this.clock.now();
    const cause: Cause = { at, correlationId: messageId, actor: 'service:mailer' };
    return this.store.transact(async (inside, tx) => {
      const due = await removeMail(tx, messageId);
      if (!due && (await load(inside, mail, messageId)).version === 0) return false;
      await handle(inside, mail, messageId, { type: 'RecordReturned', at: at.toISOString() }, cause);
      return true;
    });
  }
}
