DO $$ BEGIN WHILE pg_current_xact_id()::text::bigint < 1061 LOOP COMMIT; END LOOP; END $$;

CREATE TABLE migrations (id SERIAL NOT NULL, timestamp bigint NOT NULL, name character varying NOT NULL, CONSTRAINT "PK_8c82d7f526340ab734260ea46be" PRIMARY KEY (id));

CREATE TABLE log_meta (
     one boolean PRIMARY KEY DEFAULT true CHECK (one),
     epoch integer NOT NULL,
     system_identifier bigint NOT NULL,
     timeline integer NOT NULL);

INSERT INTO log_meta (epoch, system_identifier, timeline)
     SELECT 1, s.system_identifier, c.timeline_id FROM pg_control_system() s, pg_control_checkpoint() c;

CREATE TABLE streams (
     id text PRIMARY KEY,
     category text NOT NULL,
     version integer NOT NULL,
     last_epoch integer NOT NULL,
     last_txid xid8 NOT NULL);

CREATE TABLE events (
     txid xid8 NOT NULL,
     pos bigint GENERATED ALWAYS AS IDENTITY,
     stream_id text NOT NULL,
     version integer NOT NULL,
     type text NOT NULL,
     schema_version integer NOT NULL,
     event_id uuid NOT NULL,
     data jsonb NOT NULL,
     personal bytea,
     meta jsonb NOT NULL,
     occurred_at timestamptz NOT NULL,
     recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     log_epoch integer NOT NULL,
     PRIMARY KEY (stream_id, version));

ALTER TABLE events SET (autovacuum_freeze_max_age = 100000000, autovacuum_freeze_min_age = 0);

CREATE INDEX events_log ON events (log_epoch, txid, pos);

CREATE TABLE reservations (
     scope text NOT NULL,
     key text NOT NULL,
     stream_id text NOT NULL,
     held boolean NOT NULL,
     last_epoch integer NOT NULL,
     last_txid xid8 NOT NULL,
     PRIMARY KEY (scope, key));

CREATE TABLE commands (
     id text PRIMARY KEY,
     fingerprint text,
     stream_id text NOT NULL,
     version integer NOT NULL,
     recorded_at timestamptz NOT NULL DEFAULT clock_timestamp());

CREATE INDEX commands_age ON commands (recorded_at);

CREATE TABLE checkpoints (
     name text PRIMARY KEY,
     epoch integer NOT NULL,
     txid xid8 NOT NULL,
     pos bigint NOT NULL,
     updated_at timestamptz NOT NULL DEFAULT clock_timestamp());

CREATE FUNCTION log_refuse(state text, said text) RETURNS text LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION USING ERRCODE = state, MESSAGE = said; END $$;

CREATE FUNCTION log_guard(row_epoch integer, row_txid xid8, my_epoch integer, my_txid xid8) RETURNS xid8 LANGUAGE plpgsql AS $$
     BEGIN
       IF (row_epoch, row_txid) > (my_epoch, my_txid) THEN
         RAISE EXCEPTION USING ERRCODE = '40001', MESSAGE = 'a later transaction was here first; retry';
       END IF;
       RETURN my_txid;
     END $$;

CREATE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION USING ERRCODE = 'RC005', MESSAGE = 'events are never changed or removed'; END $$;

CREATE TRIGGER events_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();

DO $$ DECLARE other record; BEGIN
     FOR other IN SELECT DISTINCT grantee FROM information_schema.role_table_grants
                   WHERE table_schema = 'public' AND table_name = 'events' AND grantee <> current_user LOOP
       EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON events FROM %I', other.grantee);
       EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON log_meta FROM %I', other.grantee);
       EXECUTE format('REVOKE DELETE, TRUNCATE ON streams, reservations FROM %I', other.grantee);
     END LOOP;
   END $$;

CREATE TABLE relay (
     name text PRIMARY KEY,
     owner text,
     epoch bigint NOT NULL DEFAULT 0,
     until timestamptz NOT NULL DEFAULT '-infinity',
     log_epoch integer NOT NULL DEFAULT 0,
     log_txid xid8 NOT NULL DEFAULT '0',
     log_pos bigint NOT NULL DEFAULT 0);

CREATE TABLE relay_versions (
     stream_id text PRIMARY KEY,
     version integer NOT NULL);

CREATE TABLE inbox_offsets (
     consumer text NOT NULL,
     topic text NOT NULL,
     partition integer NOT NULL,
     next_offset bigint NOT NULL,
     last_event_id text,
     PRIMARY KEY (consumer, topic, partition));

CREATE TABLE inbox_versions (
     consumer text NOT NULL,
     stream_id text NOT NULL,
     last_version integer NOT NULL,
     PRIMARY KEY (consumer, stream_id));

CREATE TABLE parked (
     consumer text NOT NULL,
     stream_id text NOT NULL,
     version integer NOT NULL,
     state text NOT NULL CHECK (state IN ('failed', 'gap', 'waiting', 'skipped')),
     message jsonb NOT NULL,
     error text,
     tries integer NOT NULL DEFAULT 0,
     due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     skip_reason text,
     PRIMARY KEY (consumer, stream_id, version));

CREATE TABLE mails_due (
       message_id uuid PRIMARY KEY,
       letter text NOT NULL,
       recipient text NOT NULL,
       recipient_id uuid NOT NULL,
       details jsonb NOT NULL,
       event_id text NOT NULL,
       correlation_id text NOT NULL,
       attempts integer NOT NULL DEFAULT 0,
       next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
       due_at timestamptz NOT NULL DEFAULT clock_timestamp());

CREATE INDEX mails_due_next ON mails_due (next_at);

CREATE TABLE operator_actions (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     at timestamptz NOT NULL DEFAULT clock_timestamp(),
     operator text NOT NULL,
     action text NOT NULL,
     subject text NOT NULL,
     reason text,
     offline boolean NOT NULL DEFAULT false);

DO $$ DECLARE other record; BEGIN
     FOR other IN SELECT DISTINCT grantee FROM information_schema.role_table_grants
                   WHERE table_schema = 'public' AND table_name = 'operator_actions' AND grantee <> current_user LOOP
       EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON operator_actions FROM %I', other.grantee);
     END LOOP;
   END $$;

CREATE TABLE IF NOT EXISTS projection_builds (
     name text NOT NULL,
     n integer NOT NULL,
     state text NOT NULL CHECK (state IN ('building', 'ready', 'live', 'retired', 'failed')),
     phase text NOT NULL DEFAULT 'filling',
     position jsonb NOT NULL DEFAULT '{}',
     done bigint NOT NULL DEFAULT 0,
     total bigint NOT NULL DEFAULT 0,
     rate integer NOT NULL DEFAULT 0,
     checksums jsonb,
     problem text,
     who text NOT NULL,
     started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     ended_at timestamptz,
     PRIMARY KEY (name, n));

CREATE UNIQUE INDEX IF NOT EXISTS projection_builds_under_way ON projection_builds (name) WHERE state IN ('building', 'ready');

CREATE UNIQUE INDEX IF NOT EXISTS projection_builds_live ON projection_builds (name) WHERE state = 'live';

DELETE FROM checkpoints;

DELETE FROM commands;

INSERT INTO events OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::events, '[{"txid":"912","pos":1,"stream_id":"mail-0c688635-0e12-5546-b072-1fe874ee44af","version":1,"type":"MailAccepted","schema_version":1,"event_id":"01a2267d-22c5-70eb-9324-1b904d6dd24e","data":{"acceptedAt": "2026-11-29T08:47:44.799Z"},"personal":null,"meta":{"actor": "service:mailer", "causationId": "01a2267d-1d70-7044-9896-26f3e661a3d4", "correlationId": "01a2267d-1ce8-7000-a970-be02b44d916d"},"occurred_at":"2026-11-29T08:47:44.799+00:00","recorded_at":"2026-11-29T08:47:44.858971+00:00","log_epoch":1},
{"txid":"996","pos":2,"stream_id":"mail-f7a14039-de24-53d3-ba90-bc9f81405029","version":1,"type":"MailAccepted","schema_version":1,"event_id":"01a2267d-2cea-70ae-9694-83080520703b","data":{"acceptedAt": "2026-11-29T08:47:47.414Z"},"personal":null,"meta":{"actor": "service:mailer", "causationId": "01a2267d-2bfa-7515-b115-520a27e03de1", "correlationId": "01a2267d-2b90-7000-a77c-c2d15d01f079"},"occurred_at":"2026-11-29T08:47:47.414+00:00","recorded_at":"2026-11-29T08:47:47.43744+00:00","log_epoch":1}]');

DELETE FROM inbox_offsets;

INSERT INTO inbox_offsets OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::inbox_offsets, '[{"consumer":"mailer","topic":"inactivity-policy.decisions","partition":0,"next_offset":0,"last_event_id":null},
{"consumer":"mailer","topic":"key-management.keys","partition":0,"next_offset":3,"last_event_id":"01a2267d-2b39-76a6-b733-3056482c498b"},
{"consumer":"mailer","topic":"identity.accounts","partition":0,"next_offset":3,"last_event_id":"01a2267d-2de3-75d5-9fc0-28fd791c9e99"},
{"consumer":"mailer","topic":"organization.organizations","partition":0,"next_offset":8,"last_event_id":"01a2267d-2ee3-76ae-a344-97123f75b598"}]');

DELETE FROM inbox_versions;

INSERT INTO inbox_versions OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::inbox_versions, '[{"consumer":"mailer","stream_id":"sign-up-01a2267d-1d68-75d8-bf62-503bd5bf0386","last_version":1},
{"consumer":"mailer","stream_id":"account-01a2267d-2305-7116-af45-c814a3f88898","last_version":1},
{"consumer":"mailer","stream_id":"key-01a2267d-26f3-703e-9d22-7826e15caa7b","last_version":1},
{"consumer":"mailer","stream_id":"key-01a2267d-2797-74b8-aab2-60b5e084d6b6","last_version":2},
{"consumer":"mailer","stream_id":"invitation-01a2267d-2bf8-7700-921b-2314f17c7e1e","last_version":1},
{"consumer":"mailer","stream_id":"account-01a2267d-2d5d-71d7-9fac-4a451026b8cf","last_version":1},
{"consumer":"mailer","stream_id":"organization-01a2267d-2d5d-71d7-9fac-4d1b9ea72813","last_version":2},
{"consumer":"mailer","stream_id":"organization-01a2267d-2305-7116-af45-cc74967b1453","last_version":5}]');

DELETE FROM mails_due;

DELETE FROM migrations;

INSERT INTO migrations OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::migrations, '[{"id":1,"timestamp":1,"name":"Mailer0000000000001"},
{"id":2,"timestamp":2,"name":"Operations0000000000002"},
{"id":3,"timestamp":3,"name":"MailerBuilds0000000000003"}]');

DELETE FROM operator_actions;

DELETE FROM parked;

DELETE FROM projection_builds;

DELETE FROM relay;

INSERT INTO relay OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::relay, '[{"name":"mailer","owner":null,"epoch":1,"until":"2026-11-29T08:47:53.380653+00:00","log_epoch":1,"log_txid":"996","log_pos":2}]');

DELETE FROM relay_versions;

INSERT INTO relay_versions OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::relay_versions, '[{"stream_id":"mail-0c688635-0e12-5546-b072-1fe874ee44af","version":1},
{"stream_id":"mail-f7a14039-de24-53d3-ba90-bc9f81405029","version":1}]');

DELETE FROM reservations;

DELETE FROM streams;

INSERT INTO streams OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::streams, '[{"id":"mail-0c688635-0e12-5546-b072-1fe874ee44af","category":"mail","version":1,"last_epoch":1,"last_txid":"912"},
{"id":"mail-f7a14039-de24-53d3-ba90-bc9f81405029","category":"mail","version":1,"last_epoch":1,"last_txid":"996"}]');

SELECT setval('events_pos_seq', 2);

SELECT setval('migrations_id_seq', 3);
