import { rowProjection, table } from '#event-sourcing';
import type { SessionEvent } from './session.decider.ts';

const SESSIONS = table(
  'sessions',
  { session_id: 'uuid', account_id: 'uuid', token_digest: 'text', created_at: 'timestamptz', ended_at: 'timestamptz' },
  'session_id',
);

/** Which token opens which session: written in the transaction of the events themselves, so ended is ended now. */
export const sessions = rowProjection<SessionEvent>({
  name: 'sessions-1',
  categories: ['session'],
  tables: [SESSIONS],
  change(rows, { id, event, occurredAt }) {
    switch (event.type) {
      case 'SessionStarted':
        rows.put(SESSIONS, {
          session_id: id,
          account_id: event.data.accountId,
          token_digest: event.data.tokenDigest,
          created_at: occurredAt,
          ended_at: null,
        });
        return;
      case 'SessionEnded':
        rows.patch(SESSIONS, { session_id: id }, { ended_at: occurredAt });
    }
  },
});
