import { EVENT_COLUMNS, type EventRow } from './row.ts';

/** An event, whether the transaction that reads has written it itself, and the snapshot that it completed. */
export interface ReadOnRow extends EventRow {
  readonly own: boolean;
  readonly state?: Buffer | null;
  readonly sealed?: boolean | null;
}

const OWN = 'events.txid IS NOT DISTINCT FROM pg_current_xact_id_if_assigned() AS own';

/** $1 stream, $2 first version, $3 last version. */
export const READ_ON = `
SELECT ${EVENT_COLUMNS}, ${OWN}
  FROM events WHERE stream_id = $1 AND events.version >= $2 AND events.version <= $3 ORDER BY events.version`;

/** $1 stream, $2 shape, $3 last version: from the snapshot on, if there is one of this shape and the log holds its event; else from the start. */
export const READ_ON_FROM_SNAPSHOT = `
WITH snapshot AS MATERIALIZED (
  SELECT s.version AS place, s.state, s.sealed
    FROM snapshots s JOIN events e ON e.stream_id = s.stream_id AND e.version = s.version AND e.event_id = s.event_id
   WHERE s.stream_id = $1 AND s.shape = $2 AND s.version <= $3
)
SELECT ${EVENT_COLUMNS}, ${OWN}, snapshot.state, snapshot.sealed
  FROM events LEFT JOIN snapshot ON place = events.version
 WHERE stream_id = $1 AND events.version >= coalesce((SELECT place FROM snapshot), 1) AND events.version <= $3 ORDER BY events.version`;

/** One at a time, without waiting: the second writer has read the same. $1 stream, $2 version, $3 event id, $4 shape, $5 sealed, $6 state. */
export const SAVE_SNAPSHOT = `
INSERT INTO snapshots (stream_id, version, event_id, shape, sealed, state)
SELECT $1::text, $2::int, $3::uuid, $4::text, $5::boolean, $6::bytea WHERE pg_try_advisory_xact_lock(hashtextextended($1::text, 128))
ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version, event_id = excluded.event_id, shape = excluded.shape, sealed = excluded.sealed, state = excluded.state`;
