import type { Projection, RecordedEvent } from '#event-sourcing';
import type { DormancyEvent } from './dormancy.process.ts';

/** Whose warning a message is: written with the event itself, so the mail server's answer always finds it. */
export const warnings: Projection = {
  name: 'warnings-1',
  categories: ['dormancy'],
  tables: ['warnings'],
  async apply(tx, events) {
    for (const { id, event } of events as readonly RecordedEvent<DormancyEvent>[]) {
      if (event.type === 'InactivityWarningIssued') await tx.query('INSERT INTO warnings (message_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [event.data.messageId, id]);
    }
  },
};
