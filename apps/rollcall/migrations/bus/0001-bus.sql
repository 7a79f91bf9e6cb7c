-- formerly Bus0000000000001

CREATE TABLE bus_topics (
  topic text PRIMARY KEY,
  next_offset bigint NOT NULL DEFAULT 0);
CREATE TABLE bus_log (
  topic text NOT NULL,
  "offset" bigint NOT NULL,
  key text NOT NULL,
  event_id text NOT NULL,
  headers jsonb NOT NULL,
  value jsonb NOT NULL,
  ts timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, "offset"),
  UNIQUE (topic, event_id));
CREATE INDEX bus_log_age ON bus_log USING brin (ts);
CREATE TABLE bus_groups (
  name text PRIMARY KEY,
  owner text,
  epoch bigint NOT NULL DEFAULT 0,
  until timestamptz NOT NULL DEFAULT '-infinity');
-- Under the topics' row locks, which are held until commit: offsets have no holes and appear in their order.
-- Each statement of the function sees what was committed while it waited for the lock.
CREATE FUNCTION bus_publish(topics text[], keys text[], event_ids text[], headers text[], vals text[])
     RETURNS TABLE (topic text, next_offset bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
     #variable_conflict use_column
     BEGIN
       INSERT INTO bus_topics (topic) SELECT DISTINCT t FROM unnest(topics) AS t ORDER BY t ON CONFLICT DO NOTHING;
       PERFORM FROM bus_topics AS b WHERE b.topic = ANY(topics) ORDER BY b.topic FOR UPDATE;
       RETURN QUERY
       WITH fresh AS (
         SELECT DISTINCT ON (m.topic, m.event_id) m.*
           FROM unnest(topics, keys, event_ids, headers, vals) WITH ORDINALITY AS m(topic, key, event_id, headers, value, ord)
          WHERE NOT EXISTS (SELECT FROM bus_log AS l WHERE l.topic = m.topic AND l.event_id = m.event_id)
          ORDER BY m.topic, m.event_id, m.ord
       ), added AS (
         INSERT INTO bus_log (topic, "offset", key, event_id, headers, value)
         SELECT f.topic, b.next_offset - 1 + row_number() OVER (PARTITION BY f.topic ORDER BY f.ord), f.key, f.event_id, f.headers::jsonb, f.value::jsonb
           FROM fresh AS f JOIN bus_topics AS b ON b.topic = f.topic
         RETURNING bus_log.topic
       )
       UPDATE bus_topics AS b SET next_offset = b.next_offset + n.added
         FROM (SELECT a.topic, count(*) AS added FROM added AS a GROUP BY a.topic) AS n
        WHERE b.topic = n.topic
       RETURNING b.topic, b.next_offset;
     END $$;
-- Oldest first and without holes: what is left of a topic is always its end.
CREATE FUNCTION bus_prune(older_than interval, at_most integer) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
     WITH old AS (
       SELECT topic, "offset" FROM bus_log WHERE ts < clock_timestamp() - older_than ORDER BY topic, "offset" LIMIT at_most
     ), gone AS (
       DELETE FROM bus_log AS l USING old WHERE l.topic = old.topic AND l."offset" = old."offset" RETURNING 1
     ) SELECT count(*) FROM gone $$;
DO $$ DECLARE other record; BEGIN
  FOR other IN SELECT DISTINCT grantee FROM information_schema.role_table_grants
                WHERE table_schema = 'public' AND table_name = 'bus_log' AND grantee <> current_user LOOP
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON bus_log, bus_topics FROM %I', other.grantee);
  END LOOP;
END $$;
