import type { Projection, RecordedEvent } from '#event-sourcing';
import type { SessionEvent } from './session.decider.ts';

/** Which token opens which session: written in the transaction of the events themselves, so ended is ended now. */
export const sessions: Projection = {
  name: 'sessions-1',
  categories: ['session'],
  tables: ['sessions'],
  async apply(tx, events) {
    for (const { id, event, occurredAt } of events as readonly RecordedEvent<SessionEvent>[]) {
      switch (event.type) {
        case 'SessionStarted':
          await tx.query('INSERT INTO sessions (session_id, account_id, token_digest, created_at) VALUES ($1, $2, $3, $4)', [id, event.data.accountId, event.data.tokenDigest, occurredAt]);
          break;
        case 'SessionEnded':
          await tx.query('UPDATE sessions SET ended_at = $2 WHERE session_id = $1', [id, occurredAt]);
          break;
      }
    }
  },
};
