-- What a log is proved to be whole by: libs/event-sourcing/src/proof.

ALTER TABLE log_meta
     ADD COLUMN incarnation uuid NOT NULL DEFAULT gen_random_uuid(),
     ADD COLUMN proved text,
     ADD COLUMN older text,
     ADD COLUMN reopened integer NOT NULL DEFAULT 0;
CREATE TABLE log_writers (
     instance uuid PRIMARY KEY,
     beats bigint NOT NULL,
     confirmed text,
     standbys text NOT NULL,
     commits text NOT NULL,
     beaten_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     left_at timestamptz) WITH (fillfactor = 50);
CREATE TABLE log_moves (
     moved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     incarnation uuid NOT NULL,
     epoch integer NOT NULL,
     stamp text NOT NULL,
     evidence jsonb NOT NULL);
CREATE TABLE log_copy (
     one boolean PRIMARY KEY DEFAULT true CHECK (one),
     stamp text NOT NULL,
     begun_at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE FUNCTION log_run() RETURNS text LANGUAGE plpgsql STABLE AS $$
     BEGIN
       IF pg_is_in_recovery() THEN RETURN NULL; END IF;
       RETURN left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) || ' ' || extract(epoch FROM pg_postmaster_start_time());
     END $$;
CREATE FUNCTION log_stamp() RETURNS text LANGUAGE plpgsql STABLE AS $$
     BEGIN
       RETURN (SELECT system_identifier FROM pg_control_system()) || ' ' || log_run();
     END $$;
CREATE FUNCTION log_whole(proved text, older text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
     BEGIN
       IF older IS NOT NULL THEN RAISE EXCEPTION USING ERRCODE = 'RC007', MESSAGE = older; END IF;
       IF (' ' || log_run() = substr(proved, strpos(proved, ' '))) IS NOT TRUE THEN
         RAISE EXCEPTION USING ERRCODE = 'RC006',
           MESSAGE = 'the database server was started anew or replaced, and it is not proved yet that its copy of the log is whole';
       END IF;
       RETURN true;
     END $$;
CREATE FUNCTION log_continue(expected text, evidence jsonb) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
     DECLARE here text := log_stamp(); line integer; moved boolean;
     BEGIN
       IF here IS NULL THEN RETURN false; END IF;
       line := ('x' || split_part(here, ' ', 2))::bit(32)::integer;
       UPDATE log_meta AS m SET proved = here, timeline = line, epoch = m.epoch + (line > m.timeline)::integer,
              incarnation = CASE WHEN line > m.timeline THEN gen_random_uuid() ELSE m.incarnation END
        WHERE m.proved IS NOT DISTINCT FROM expected AND m.older IS NULL
          AND m.system_identifier::text = split_part(here, ' ', 1) AND line >= m.timeline;
       moved := FOUND;
       IF moved THEN INSERT INTO log_moves (incarnation, epoch, stamp, evidence) SELECT m.incarnation, m.epoch, here, evidence FROM log_meta AS m; END IF;
       RETURN moved;
     END $$;
CREATE FUNCTION log_deny(reason text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
     UPDATE log_meta SET older = reason WHERE older IS NULL $$;
UPDATE log_meta SET proved = log_stamp() WHERE NOT EXISTS (SELECT FROM events);
INSERT INTO log_moves (incarnation, epoch, stamp, evidence) SELECT incarnation, epoch, coalesce(proved, ''), '{}' FROM log_meta;
DO $$ DECLARE other record; BEGIN
     FOR other IN SELECT DISTINCT grantee FROM information_schema.role_table_grants
                   WHERE table_schema = 'public' AND table_name = 'log_moves' AND grantee <> current_user LOOP
       EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON log_moves, log_copy FROM %I', other.grantee);
     END LOOP;
   END $$;
