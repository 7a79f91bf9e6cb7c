const NAMES = `taken AS (
  INSERT INTO reservations AS r (scope, key, stream_id, held, last_epoch, last_txid)
  SELECT t.scope, t.key, $1::text, true, log.epoch, log.txid
    FROM log, unnest($13::text[], $14::text[]) AS t(scope, key) ORDER BY t.scope, t.key
  ON CONFLICT (scope, key) DO UPDATE
    SET stream_id = excluded.stream_id, held = true, last_epoch = excluded.last_epoch,
        last_txid = log_guard(r.last_epoch, r.last_txid, excluded.last_epoch, excluded.last_txid)
    WHERE NOT r.held OR r.stream_id = excluded.stream_id
  RETURNING 1
), released AS (
  UPDATE reservations AS r SET held = false, last_epoch = log.epoch, last_txid = log_guard(r.last_epoch, r.last_txid, log.epoch, log.txid)
    FROM log, unnest($15::text[], $16::text[]) AS t(scope, key)
   WHERE r.scope = t.scope AND r.key = t.key AND r.stream_id = $1::text
`;

/**
 * The append, in one statement and so in one round trip. Every refusal raises, which undoes all of it:
 * RC001 the stream has moved on, RC002 a name is taken, RC003 the command was carried out before,
 * RC006 and RC007 the log is not proved on this server, or known to lack something (`proofSchema`), 40001 an early transaction id (see `log_guard`).
 *
 * `LIMIT 1` tells the planner that there is one row, also where statistics were never gathered: it would expect
 * thousands, find the generic plan dear, and plan every append anew, which takes four times as long as to carry it out.
 *
 * $1 stream, $2 category, $3 expected version, $4 event ids, $5 types, $6 schema versions, $7 data, $8 personal,
 * $9 meta, $10 occurred at, $11 command id, $12 fingerprint, $13/$14 names to take, $15/$16 names to release.
 */
const append = (names: boolean) => `
WITH log AS (
  SELECT epoch, pg_current_xact_id() AS txid FROM log_meta WHERE log_whole(proved, older) LIMIT 1
), command AS (
  INSERT INTO commands AS c (id, fingerprint, stream_id, version)
  SELECT $11::text, $12::text, $1::text, $3::int + cardinality($4::uuid[]) WHERE $11::text IS NOT NULL
  ON CONFLICT (id) DO UPDATE SET stream_id = log_refuse('RC003', 'the command was carried out before')
${names ? `), ${NAMES}` : ''}), created AS (
  INSERT INTO streams (id, category, version, last_epoch, last_txid)
  SELECT $1::text, $2::text, cardinality($4::uuid[]), log.epoch, log.txid FROM log WHERE $3::int = 0
  ON CONFLICT (id) DO NOTHING
  RETURNING version
), moved AS (
  UPDATE streams AS s
     SET version = s.version + cardinality($4::uuid[]), last_epoch = log.epoch,
         last_txid = log_guard(s.last_epoch, s.last_txid, log.epoch, log.txid)
    FROM log WHERE $3::int > 0 AND s.id = $1::text AND s.version = $3::int
  RETURNING s.version
), stream AS (
  SELECT version FROM created UNION ALL SELECT version FROM moved
), added AS (
  INSERT INTO events (txid, stream_id, version, type, schema_version, event_id, data, personal, meta, occurred_at, log_epoch)
  SELECT log.txid, $1::text, $3::int + e.ord, e.type, e.schema_version, e.event_id, e.data::jsonb, e.personal, $9::jsonb, $10::timestamptz, log.epoch
    FROM log, stream, unnest($4::uuid[], $5::text[], $6::int[], $7::text[], $8::bytea[])
      WITH ORDINALITY AS e(event_id, type, schema_version, data, personal, ord)
   ORDER BY e.ord
  RETURNING pos, version, recorded_at
)
SELECT log.epoch, log.txid,
       (SELECT array_agg(pos ORDER BY version) FROM added) AS positions,
       (SELECT max(recorded_at) FROM added) AS recorded_at,
       CASE WHEN NOT EXISTS (SELECT FROM stream) THEN log_refuse('RC001', 'the stream has moved on')
            ${names ? "WHEN (SELECT count(*) FROM taken) < cardinality($13::text[]) THEN log_refuse('RC002', 'a name is taken')" : ''} END AS refused
  FROM log`;

/** With names to take or release. */
export const APPEND_WITH_NAMES = append(true);

/** Without, for most appends: $13 to $16 are left out. */
export const APPEND = append(false);
