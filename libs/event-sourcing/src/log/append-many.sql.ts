/**
 * Appends to many streams in one statement, all or none; raises like the append of one. Without names to take or release.
 * Streams are locked in the order of their ids before they move, so that two batches do not wait in a circle.
 *
 * By stream: $1 id, $2 category, $3 expected version, $4 number of events, $5 command id, $6 fingerprint.
 * By event: $7 stream, $8 version, $9 event id, $10 type, $11 data, $12 personal, $13 meta, $14 occurred at.
 */
export const APPEND_MANY = `
WITH log AS (
  SELECT epoch, pg_current_xact_id() AS txid FROM log_meta WHERE log_whole(proved, older) LIMIT 1
), item AS MATERIALIZED (
  SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::text[], $6::text[]) AS i(id, category, expected, added, command, fingerprint)
), locked AS MATERIALIZED (
  SELECT id FROM streams WHERE id = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE
), command AS (
  INSERT INTO commands AS c (id, fingerprint, stream_id, version)
  SELECT command, fingerprint, id, expected + added FROM item WHERE command IS NOT NULL
  ON CONFLICT (id) DO UPDATE SET stream_id = log_refuse('RC003', 'the command was carried out before')
), created AS (
  INSERT INTO streams (id, category, version, last_epoch, last_txid)
  SELECT item.id, category, added, log.epoch, log.txid FROM log, item WHERE expected = 0 ORDER BY item.id
  ON CONFLICT (id) DO NOTHING
  RETURNING id
), moved AS (
  UPDATE streams AS s
     SET version = s.version + item.added, last_epoch = log.epoch, last_txid = log_guard(s.last_epoch, s.last_txid, log.epoch, log.txid)
    FROM log, item JOIN locked USING (id) WHERE item.expected > 0 AND s.id = item.id AND s.version = item.expected
  RETURNING s.id
), added AS (
  INSERT INTO events (txid, stream_id, version, type, schema_version, event_id, data, personal, meta, occurred_at, log_epoch)
  SELECT log.txid, e.stream_id, e.version, e.type, 1, e.event_id, e.data::jsonb, e.personal, e.meta::jsonb, e.occurred_at, log.epoch
    FROM log, unnest($7::text[], $8::int[], $9::uuid[], $10::text[], $11::text[], $12::bytea[], $13::text[], $14::timestamptz[])
      WITH ORDINALITY AS e(stream_id, version, event_id, type, data, personal, meta, occurred_at, ord)
   ORDER BY e.ord
  RETURNING pos, event_id, recorded_at
)
SELECT log.epoch, log.txid,
       (SELECT array_agg(event_id ORDER BY pos) FROM added) AS event_ids, (SELECT array_agg(pos ORDER BY pos) FROM added) AS positions,
       (SELECT max(recorded_at) FROM added) AS recorded_at,
       CASE WHEN (SELECT count(*) FROM created) + (SELECT count(*) FROM moved) < cardinality($1::text[]) THEN log_refuse('RC001', 'a stream has moved on') END AS refused
  FROM log`;
