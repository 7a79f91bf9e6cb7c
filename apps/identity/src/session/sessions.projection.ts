import { rowProjection, table } from '#event-sourcing';
import type { SessionEvent } from './session.decider.ts';

const SESSIONS = table(
  'sessions',
  {
    session_id: 'uuid',
    account_id: 'uuid',
    token_digest: 'text',
    created_at: 'timestamptz',
    ended_at: 'timestamptz',
    methods: 'text[]',
    proved_at: 'timestamptz',
    connection_id: 'uuid',
    ends_at: 'timestamptz',
  },
  'session_id',
);

/** Which token opens which session, and when its person last proved it: written in the transaction of the events themselves, so ended is ended now. */
export const sessions = rowProjection<SessionEvent>({
  name: 'sessions-1',
  categories: ['session'],
  tables: [SESSIONS],
  change(rows, { id, event, occurredAt }) {
    const session = { session_id: id };
    switch (event.type) {
      case 'SessionStarted':
        rows.put(SESSIONS, {
          ...session,
          account_id: event.data.accountId,
          token_digest: event.data.tokenDigest,
          created_at: occurredAt,
          ended_at: null,
          methods: event.data.methods ?? ['password'],
          proved_at: occurredAt,
          connection_id: event.data.connectionId ?? null,
          ends_at: event.data.endsAt ?? null,
        });
        return;
      case 'SessionProved':
        rows.patch(SESSIONS, session, {
          token_digest: event.data.tokenDigest,
          methods: event.data.methods,
          proved_at: occurredAt,
        });
        return;
      case 'SessionRotated':
        rows.patch(SESSIONS, session, { token_digest: event.data.tokenDigest });
        return;
      case 'SessionEnded':
        rows.patch(SESSIONS, session, { ended_at: occurredAt });
    }
  },
});
