import { rowProjection, table } from '#event-sourcing';
import type { DormancyEvent } from './dormancy.process.ts';

const WARNINGS = table('warnings', { message_id: 'uuid', account_id: 'uuid' }, 'message_id');

/** The warning that a mail belongs to: written with the event itself, so the mail server's answer always finds it. */
export const warnings = rowProjection<DormancyEvent>({
  name: 'warnings-1',
  categories: ['dormancy'],
  tables: [WARNINGS],
  change(rows, { id, event }) {
    if (event.type === 'InactivityWarningIssued')
      rows.put(WARNINGS, { message_id: event.data.messageId, account_id: id });
  },
});
