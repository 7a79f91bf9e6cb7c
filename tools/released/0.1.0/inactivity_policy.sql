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

CREATE TABLE activity (
       account_id uuid NOT NULL,
       kind text NOT NULL CHECK (kind IN ('signIn', 'session', 'api')),
       day date NOT NULL,
       latest_at timestamptz NOT NULL,
       PRIMARY KEY (account_id, kind, day));

CREATE TABLE deadlines (account_id uuid PRIMARY KEY, next_at timestamptz NOT NULL);

CREATE INDEX deadlines_next ON deadlines (next_at, account_id);

CREATE TABLE warnings (message_id uuid PRIMARY KEY, account_id uuid NOT NULL);

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

CREATE TABLE gateways (
       instance uuid PRIMARY KEY,
       watermark timestamptz NOT NULL,
       kept integer NOT NULL,
       heard_at timestamptz NOT NULL DEFAULT clock_timestamp(),
       silent_at timestamptz,
       closed_at timestamptz,
       left_at timestamptz);

ALTER TABLE deadlines ADD COLUMN waits_for timestamptz;

CREATE INDEX deadlines_waiting ON deadlines (waits_for) WHERE waits_for IS NOT NULL;

DELETE FROM activity;

INSERT INTO activity OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::activity, '[{"account_id":"01a2267d-2305-7116-af45-c814a3f88898","kind":"signIn","day":"2026-11-29","latest_at":"2026-11-29T08:47:44.895+00:00"},
{"account_id":"01a2267d-2305-7116-af45-c814a3f88898","kind":"session","day":"2026-11-29","latest_at":"2026-11-29T08:47:45.518+00:00"},
{"account_id":"01a2267d-2305-7116-af45-c814a3f88898","kind":"api","day":"2026-11-29","latest_at":"2026-11-29T08:47:46.204+00:00"},
{"account_id":"01a2267d-2d5d-71d7-9fac-4a451026b8cf","kind":"signIn","day":"2026-11-29","latest_at":"2026-11-29T08:47:47.509+00:00"}]');

DELETE FROM checkpoints;

DELETE FROM commands;

DELETE FROM deadlines;

INSERT INTO deadlines OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::deadlines, '[{"account_id":"01a2267d-2305-7116-af45-c814a3f88898","next_at":"2027-05-14T23:00:00+00:00","waits_for":null},
{"account_id":"01a2267d-2d5d-71d7-9fac-4a451026b8cf","next_at":"2027-05-14T23:00:00+00:00","waits_for":null}]');

INSERT INTO events OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::events, '[{"txid":"816","pos":1,"stream_id":"policy-installation","version":1,"type":"PolicyAdopted","schema_version":1,"event_id":"01a2267d-10e0-773c-a774-108ca849d630","data":{"version": 1, "noticeDays": 14, "effectiveAt": "2026-11-29T08:47:40.253Z", "thresholdDays": 180},"personal":null,"meta":{"actor": "service:inactivity-policy", "correlationId": "01a2267d-10de-707b-b49c-57104c1df8bc"},"occurred_at":"2026-11-29T08:47:40.253+00:00","recorded_at":"2026-11-29T08:47:40.26555+00:00","log_epoch":1},
{"txid":"931","pos":2,"stream_id":"dormancy-01a2267d-2305-7116-af45-c814a3f88898","version":1,"type":"ClockStarted","schema_version":1,"event_id":"01a2267d-25e5-77de-87c7-cc6e4975f2e7","data":{"at": "2026-11-29T08:47:44.895Z", "reason": "registered"},"personal":null,"meta":{"actor": "service:identity", "causationId": "01a2267d-243f-7417-ba1b-6055559b09a9", "correlationId": "01a2267d-22d8-7000-9191-e1499c06bc6b"},"occurred_at":"2026-11-29T08:47:45.592+00:00","recorded_at":"2026-11-29T08:47:45.647531+00:00","log_epoch":1},
{"txid":"1009","pos":3,"stream_id":"dormancy-01a2267d-2d5d-71d7-9fac-4a451026b8cf","version":1,"type":"ClockStarted","schema_version":1,"event_id":"01a2267d-2e44-71c5-b2ff-c5d44a8c1e6e","data":{"at": "2026-11-29T08:47:47.509Z", "reason": "registered"},"personal":null,"meta":{"actor": "service:identity", "causationId": "01a2267d-2de3-75d5-9fc0-28fd791c9e99", "correlationId": "01a2267d-2d2b-7000-92f9-d5bfb3e03152"},"occurred_at":"2026-11-29T08:47:47.77+00:00","recorded_at":"2026-11-29T08:47:47.782275+00:00","log_epoch":1}]');

DELETE FROM gateways;

INSERT INTO gateways OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::gateways, '[{"instance":"16ae9363-a57c-4391-b20e-9d628739fbd5","watermark":"2026-11-29T08:47:48.653+00:00","kept":0,"heard_at":"2026-11-29T08:47:48.686344+00:00","silent_at":null,"closed_at":null,"left_at":"2026-11-29T08:47:48.686318+00:00"}]');

DELETE FROM inbox_offsets;

INSERT INTO inbox_offsets OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::inbox_offsets, '[{"consumer":"inactivity-policy","topic":"mailer.mails","partition":0,"next_offset":2,"last_event_id":"01a2267d-2cea-70ae-9694-83080520703b"},
{"consumer":"inactivity-policy","topic":"identity.accounts","partition":0,"next_offset":3,"last_event_id":"01a2267d-2de3-75d5-9fc0-28fd791c9e99"},
{"consumer":"inactivity-policy","topic":"identity.logins","partition":0,"next_offset":2,"last_event_id":"01a2267d-2e08-76e8-af61-d18144ae621d"}]');

DELETE FROM inbox_versions;

INSERT INTO inbox_versions OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::inbox_versions, '[{"consumer":"inactivity-policy","stream_id":"sign-up-01a2267d-1d68-75d8-bf62-503bd5bf0386","last_version":1},
{"consumer":"inactivity-policy","stream_id":"mail-0c688635-0e12-5546-b072-1fe874ee44af","last_version":1},
{"consumer":"inactivity-policy","stream_id":"login-01a2267d-2305-7116-af45-c814a3f88898","last_version":1},
{"consumer":"inactivity-policy","stream_id":"account-01a2267d-2305-7116-af45-c814a3f88898","last_version":1},
{"consumer":"inactivity-policy","stream_id":"mail-f7a14039-de24-53d3-ba90-bc9f81405029","last_version":1},
{"consumer":"inactivity-policy","stream_id":"account-01a2267d-2d5d-71d7-9fac-4a451026b8cf","last_version":1},
{"consumer":"inactivity-policy","stream_id":"login-01a2267d-2d5d-71d7-9fac-4a451026b8cf","last_version":1}]');

DELETE FROM migrations;

INSERT INTO migrations OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::migrations, '[{"id":1,"timestamp":1,"name":"InactivityPolicy0000000000001"},
{"id":2,"timestamp":2,"name":"Operations0000000000002"},
{"id":3,"timestamp":3,"name":"InactivityPolicyBuilds0000000000003"},
{"id":4,"timestamp":4,"name":"InactivityPolicyGateways0000000000004"}]');

DELETE FROM operator_actions;

DELETE FROM parked;

DELETE FROM projection_builds;

DELETE FROM relay;

INSERT INTO relay OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::relay, '[{"name":"inactivity-policy","owner":null,"epoch":1,"until":"2026-11-29T08:47:52.960755+00:00","log_epoch":1,"log_txid":"1009","log_pos":3}]');

DELETE FROM relay_versions;

DELETE FROM reservations;

DELETE FROM streams;

INSERT INTO streams OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::streams, '[{"id":"policy-installation","category":"policy","version":1,"last_epoch":1,"last_txid":"816"},
{"id":"dormancy-01a2267d-2305-7116-af45-c814a3f88898","category":"dormancy","version":1,"last_epoch":1,"last_txid":"931"},
{"id":"dormancy-01a2267d-2d5d-71d7-9fac-4a451026b8cf","category":"dormancy","version":1,"last_epoch":1,"last_txid":"1009"}]');

DELETE FROM warnings;

SELECT setval('events_pos_seq', 3);

SELECT setval('migrations_id_seq', 4);
