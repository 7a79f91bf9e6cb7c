import type { mailer as proto } from '#contracts';
import { loadMany, PostgresEventStore } from '#event-sourcing';
import { CallableBy, type Controller } from '#platform';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { LetterName } from '../letters/letters.ts';
import { messageIdOf } from './due-mail.ts';
import { mail } from './mail.decider.ts';

const OUTCOMES = {
  'under way': 'waiting',
  'accepted': 'accepted',
  'bounced': 'bounced',
  'given up': 'failed',
} as const;

/** What lists of invitations say of their mails. */
@NestController()
export class OutcomesController implements Controller<proto.Mails> {
  constructor(private readonly store: PostgresEventStore) {}

  @GrpcMethod('Mails')
  @CallableBy('gateway')
  async listOutcomes({ letter, mails }: proto.ListOutcomesRequest): Promise<proto.ListOutcomesResponse> {
    const ids = mails.map(({ eventId, recipientId }) => messageIdOf(eventId, letter as LetterName, recipientId));
    const known = await loadMany(this.store, mail, ids);
    return { outcomes: ids.map((id) => OUTCOMES[(known.get(id)?.state ?? mail.initial).status]) };
  }
}
