import type { Append, EventStore, Tx } from '#event-sourcing';
import type { Reopened } from '#platform';
import type { IdentityEvent } from './outbox.ts';
import { LINKS } from './sign-in/mailed-link.decider.ts';

const BATCH = 500;
const LINKS_MS = Math.max(...Object.values(LINKS).map(({ lifeMs }) => lifeMs));

/**
 * What a copy may lack the end of ends now: nobody was told of sessions and mailed links, so neither the bus nor anybody else can say which of them
 * ended. A password that was changed since is not the one that the copy has: it is set anew by mail.
 */
export async function closeAll(tx: Tx, store: EventStore, { at, lost }: Reopened): Promise<void> {
  const { rows: open } = await tx.query<Stream>(
    `SELECT st.id, st.version FROM sessions s JOIN streams st ON st.id = 'session-' || s.session_id WHERE s.ended_at IS NULL`,
  );
  await end(store, open, at, () => ({ type: 'SessionEnded', data: { reason: 'operator' } }));
  for (const { requested, used } of Object.values(LINKS)) {
    const { rows: links } = await tx.query<Stream>(
      `SELECT st.id, st.version FROM events e JOIN streams st ON st.id = e.stream_id
        WHERE e.version = 1 AND st.version = 1 AND e.type = $1 AND e.occurred_at > $2`,
      [requested, new Date(at.getTime() - LINKS_MS)],
    );
    await end(store, links, at, () => ({ type: used, data: {} }));
  }
  const changed = new Set(lost.filter(({ type }) => type === 'PasswordSet.v1').map(({ key }) => key));
  const { rows: accounts } = await tx.query<Stream>(
    `SELECT st.id, st.version FROM streams st JOIN events e ON e.stream_id = st.id AND e.version = 1
      WHERE st.id = ANY($1) AND e.type = 'AccountRegistered'`,
    [[...changed]],
  );
  await end(store, accounts, at, () => ({ type: 'PasswordWithdrawn', data: { reason: 'recovery' } }));
}

interface Stream {
  id: string;
  version: number;
}

async function end(store: EventStore, streams: readonly Stream[], at: Date, by: () => IdentityEvent): Promise<void> {
  const appends = streams.map(({ id, version }): Append => ({
    streamId: id,
    expectedVersion: version,
    events: [by()],
    cause: { at, correlationId: 'log reopen', actor: 'service:identity' },
  }));
  for (let from = 0; from < appends.length; from += BATCH) await store.appendMany(appends.slice(from, from + BATCH));
}
