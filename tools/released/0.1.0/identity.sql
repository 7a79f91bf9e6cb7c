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

CREATE TABLE accounts (
       account_id uuid PRIMARY KEY,
       email_digest text NOT NULL UNIQUE,
       status text NOT NULL,
       idle_timeout boolean NOT NULL,
       registered_at timestamptz NOT NULL);

CREATE TABLE sessions (
       session_id uuid PRIMARY KEY,
       account_id uuid NOT NULL,
       token_digest text NOT NULL UNIQUE,
       created_at timestamptz NOT NULL,
       ended_at timestamptz);

CREATE INDEX sessions_of_account ON sessions (account_id) WHERE ended_at IS NULL;

CREATE TABLE session_touches (session_id uuid PRIMARY KEY, last_seen_at timestamptz NOT NULL);

CREATE TABLE pending_addresses (sign_up_id uuid PRIMARY KEY, email_digest text NOT NULL, sealed bytea NOT NULL, requested_at timestamptz NOT NULL);

CREATE INDEX pending_addresses_digest ON pending_addresses (email_digest);

CREATE TABLE attempts (subject text NOT NULL, at timestamptz NOT NULL);

CREATE INDEX attempts_subject ON attempts (subject, at);

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

DELETE FROM accounts;

INSERT INTO accounts OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::accounts, '[{"account_id":"01a2267d-2305-7116-af45-c814a3f88898","email_digest":"WeSCGPyf9qSmDd_kZoCm2L4xCijcG7e0u0xaZZKHjBk","status":"active","idle_timeout":false,"registered_at":"2026-11-29T08:47:44.895+00:00"},
{"account_id":"01a2267d-2d5d-71d7-9fac-4a451026b8cf","email_digest":"JSLcxD8CKvKaDSDvioAY1BK7mjAWSXkbo7Nypj7SljY","status":"active","idle_timeout":false,"registered_at":"2026-11-29T08:47:47.509+00:00"}]');

DELETE FROM attempts;

INSERT INTO attempts OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::attempts, '[{"subject":"SH-9NN5_VZcBALAIDKpmxXQshHY_eJ8RWkVYR-Hid6k","at":"2026-11-29T08:47:43.44+00:00"},
{"subject":"0OIOrq3_3lOj0FpILS4QHitj_su-_yrklwm-rRwTMhU","at":"2026-11-29T08:47:43.44+00:00"}]');

DELETE FROM checkpoints;

DELETE FROM commands;

INSERT INTO events OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::events,  E'[{"txid":"894","pos":1,"stream_id":"sign-up-01a2267d-1d68-75d8-bf62-503bd5bf0386","version":1,"type":"SignUpRequested","schema_version":1,"event_id":"01a2267d-1d70-7044-9896-26f3e661a3d4","data":{"at": "2026-11-29T08:47:43.440Z", "registered": false, "emailDigest": "WeSCGPyf9qSmDd_kZoCm2L4xCijcG7e0u0xaZZKHjBk"},"personal":null,"meta":{"actor": "service:gateway", "correlationId": "01a2267d-1ce8-7000-a970-be02b44d916d"},"occurred_at":"2026-11-29T08:47:43.44+00:00","recorded_at":"2026-11-29T08:47:43.489022+00:00","log_epoch":1},
{"txid":"918","pos":2,"stream_id":"sign-up-01a2267d-1d68-75d8-bf62-503bd5bf0386","version":2,"type":"SignUpVerified","schema_version":1,"event_id":"01a2267d-2438-7201-92e7-b9e78c32f745","data":{"accountId": "01a2267d-2305-7116-af45-c814a3f88898"},"personal":null,"meta":{"actor": "service:gateway", "correlationId": "01a2267d-22d8-7000-9191-e1499c06bc6b"},"occurred_at":"2026-11-29T08:47:44.895+00:00","recorded_at":"2026-11-29T08:47:45.211418+00:00","log_epoch":1},
{"txid":"918","pos":3,"stream_id":"account-01a2267d-2305-7116-af45-c814a3f88898","version":1,"type":"AccountRegistered","schema_version":1,"event_id":"01a2267d-243f-7417-ba1b-6055559b09a9","data":{"projectId": "01a2267d-2305-7116-af45-d2d4beb4af78", "emailDigest": "WeSCGPyf9qSmDd_kZoCm2L4xCijcG7e0u0xaZZKHjBk", "registeredAt": "2026-11-29T08:47:44.895Z", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"},"personal":"\\\\xfd6e4293a3a0c1a00c2177e87429dd33920b99cb2a1000990a68deb47ef5b274054a3359cc063e9968846c7c3cfa185d3e6d764604e8be68e0e4cd2aa8ca8e1c815c4c93","meta":{"actor": "service:gateway", "correlationId": "01a2267d-22d8-7000-9191-e1499c06bc6b"},"occurred_at":"2026-11-29T08:47:44.895+00:00","recorded_at":"2026-11-29T08:47:45.251394+00:00","log_epoch":1},
{"txid":"918","pos":4,"stream_id":"account-01a2267d-2305-7116-af45-c814a3f88898","version":2,"type":"PasswordSet","schema_version":1,"event_id":"01a2267d-243f-7417-ba1b-6524166de973","data":{},"personal":"\\\\x4ef00f6452de24fe818831b4e19adb1f78354b7145be58784989fd74c6f4a84c8cf5c5437e55eb1bdf949b78807a27f29a9ae3ff4d40d5a05c198d51814f6f3e62c9914258c4f011ade9b5f2e5202363f479517286a531e3c6e4199cb307a154c9a38a990b63575d151fbb41c2aa62609d110d72aee4bc3b7dd7641d75a77c2bba49fef01553f0d3","meta":{"actor": "service:gateway", "correlationId": "01a2267d-22d8-7000-9191-e1499c06bc6b"},"occurred_at":"2026-11-29T08:47:44.895+00:00","recorded_at":"2026-11-29T08:47:45.251409+00:00","log_epoch":1},
{"txid":"918","pos":5,"stream_id":"session-01a2267d-2468-77a1-ab0a-214daa144fb8","version":1,"type":"SessionStarted","schema_version":1,"event_id":"01a2267d-246c-7182-99c4-235bbf2c7bb4","data":{"accountId": "01a2267d-2305-7116-af45-c814a3f88898", "tokenDigest": "R27DpZhV-fiXDnxO6_K20RsHWFxDAvGsZSLKaXmgh80"},"personal":null,"meta":{"actor": "service:gateway", "correlationId": "01a2267d-22d8-7000-9191-e1499c06bc6b"},"occurred_at":"2026-11-29T08:47:44.895+00:00","recorded_at":"2026-11-29T08:47:45.263596+00:00","log_epoch":1},
{"txid":"918","pos":6,"stream_id":"login-01a2267d-2305-7116-af45-c814a3f88898","version":1,"type":"LoginRecorded","schema_version":1,"event_id":"01a2267d-2476-74da-892f-ff1aada28825","data":{"at": "2026-11-29T08:47:44.895Z", "method": "sign-up", "sessionId": "01a2267d-2468-77a1-ab0a-214daa144fb8"},"personal":null,"meta":{"actor": "service:gateway", "correlationId": "01a2267d-22d8-7000-9191-e1499c06bc6b"},"occurred_at":"2026-11-29T08:47:44.895+00:00","recorded_at":"2026-11-29T08:47:45.271693+00:00","log_epoch":1},
{"txid":"1002","pos":7,"stream_id":"account-01a2267d-2d5d-71d7-9fac-4a451026b8cf","version":1,"type":"AccountRegistered","schema_version":1,"event_id":"01a2267d-2de3-75d5-9fc0-28fd791c9e99","data":{"projectId": "01a2267d-2d5d-71d7-9fac-51aac5c0048a", "emailDigest": "JSLcxD8CKvKaDSDvioAY1BK7mjAWSXkbo7Nypj7SljY", "registeredAt": "2026-11-29T08:47:47.509Z", "organizationId": "01a2267d-2d5d-71d7-9fac-4d1b9ea72813"},"personal":"\\\\xcf856039e7b2018ed89a55b19ff7c311ffa010f8e7577cbb23799a22cd5bbb7f43a525a723d39144628814413662a7e422277c20148fd9b5fa2ce14bfe5e98ef96ef826a","meta":{"actor": "service:gateway", "correlationId": "01a2267d-2d2b-7000-92f9-d5bfb3e03152"},"occurred_at":"2026-11-29T08:47:47.509+00:00","recorded_at":"2026-11-29T08:47:47.698015+00:00","log_epoch":1},
{"txid":"1002","pos":8,"stream_id":"account-01a2267d-2d5d-71d7-9fac-4a451026b8cf","version":2,"type":"PasswordSet","schema_version":1,"event_id":"01a2267d-2de3-75d5-9fc0-2c465f9dc828","data":{},"personal":"\\\\x6019011a62238c16f5d581016d9c48cbb11f49d792a173c55e96a49af415c5253a15ae0f6ddc6b134beefb5efcf270b2db662355dfa7c362f0b02ea9c7e749f7bd7759e073e27ced510debb48a7fc1d17f9efbbc2ac9d6664b9f9af4a941f6a0e5e13975841e9ec3faac8243c4c80930f21288252d4f6d682e753244abd7f542726b821620479d8c","meta":{"actor": "service:gateway", "correlationId": "01a2267d-2d2b-7000-92f9-d5bfb3e03152"},"occurred_at":"2026-11-29T08:47:47.509+00:00","recorded_at":"2026-11-29T08:47:47.698032+00:00","log_epoch":1},
{"txid":"1002","pos":9,"stream_id":"session-01a2267d-2dff-7467-b8de-0649d0ec8eb6","version":1,"type":"SessionStarted","schema_version":1,"event_id":"01a2267d-2e00-7337-afd4-e6cbd2b0eba9","data":{"accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf", "tokenDigest": "sckhpDhU9TqND7CbB6kPNWeEg6OJR_7w8JSdei1gXbg"},"personal":null,"meta":{"actor": "service:gateway", "correlationId": "01a2267d-2d2b-7000-92f9-d5bfb3e03152"},"occurred_at":"2026-11-29T08:47:47.509+00:00","recorded_at":"2026-11-29T08:47:47.71537+00:00","log_epoch":1},
{"txid":"1002","pos":10,"stream_id":"login-01a2267d-2d5d-71d7-9fac-4a451026b8cf","version":1,"type":"LoginRecorded","schema_version":1,"event_id":"01a2267d-2e08-76e8-af61-d18144ae621d","data":{"at": "2026-11-29T08:47:47.509Z", "method": "invitation", "sessionId": "01a2267d-2dff-7467-b8de-0649d0ec8eb6"},"personal":null,"meta":{"actor": "service:gateway", "correlationId": "01a2267d-2d2b-7000-92f9-d5bfb3e03152"},"occurred_at":"2026-11-29T08:47:47.509+00:00","recorded_at":"2026-11-29T08:47:47.720883+00:00","log_epoch":1}]');

DELETE FROM inbox_offsets;

INSERT INTO inbox_offsets OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::inbox_offsets, '[{"consumer":"identity","topic":"inactivity-policy.decisions","partition":0,"next_offset":0,"last_event_id":null}]');

DELETE FROM inbox_versions;

DELETE FROM migrations;

INSERT INTO migrations OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::migrations, '[{"id":1,"timestamp":1,"name":"Identity0000000000001"},
{"id":2,"timestamp":2,"name":"Operations0000000000002"},
{"id":3,"timestamp":3,"name":"IdentityBuilds0000000000003"}]');

DELETE FROM operator_actions;

DELETE FROM parked;

DELETE FROM pending_addresses;

DELETE FROM projection_builds;

DELETE FROM relay;

INSERT INTO relay OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::relay, '[{"name":"identity","owner":null,"epoch":1,"until":"2026-11-29T08:47:54.12655+00:00","log_epoch":1,"log_txid":"1002","log_pos":10}]');

DELETE FROM relay_versions;

INSERT INTO relay_versions OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::relay_versions, '[{"stream_id":"sign-up-01a2267d-1d68-75d8-bf62-503bd5bf0386","version":1},
{"stream_id":"account-01a2267d-2305-7116-af45-c814a3f88898","version":1},
{"stream_id":"login-01a2267d-2305-7116-af45-c814a3f88898","version":1},
{"stream_id":"account-01a2267d-2d5d-71d7-9fac-4a451026b8cf","version":1},
{"stream_id":"login-01a2267d-2d5d-71d7-9fac-4a451026b8cf","version":1}]');

DELETE FROM reservations;

INSERT INTO reservations OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::reservations, '[{"scope":"email","key":"WeSCGPyf9qSmDd_kZoCm2L4xCijcG7e0u0xaZZKHjBk","stream_id":"account-01a2267d-2305-7116-af45-c814a3f88898","held":true,"last_epoch":1,"last_txid":"918"},
{"scope":"email","key":"JSLcxD8CKvKaDSDvioAY1BK7mjAWSXkbo7Nypj7SljY","stream_id":"account-01a2267d-2d5d-71d7-9fac-4a451026b8cf","held":true,"last_epoch":1,"last_txid":"1002"}]');

DELETE FROM session_touches;

DELETE FROM sessions;

INSERT INTO sessions OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::sessions, '[{"session_id":"01a2267d-2468-77a1-ab0a-214daa144fb8","account_id":"01a2267d-2305-7116-af45-c814a3f88898","token_digest":"R27DpZhV-fiXDnxO6_K20RsHWFxDAvGsZSLKaXmgh80","created_at":"2026-11-29T08:47:44.895+00:00","ended_at":null},
{"session_id":"01a2267d-2dff-7467-b8de-0649d0ec8eb6","account_id":"01a2267d-2d5d-71d7-9fac-4a451026b8cf","token_digest":"sckhpDhU9TqND7CbB6kPNWeEg6OJR_7w8JSdei1gXbg","created_at":"2026-11-29T08:47:47.509+00:00","ended_at":null}]');

DELETE FROM streams;

INSERT INTO streams OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::streams, '[{"id":"sign-up-01a2267d-1d68-75d8-bf62-503bd5bf0386","category":"sign-up","version":2,"last_epoch":1,"last_txid":"918"},
{"id":"account-01a2267d-2305-7116-af45-c814a3f88898","category":"account","version":2,"last_epoch":1,"last_txid":"918"},
{"id":"session-01a2267d-2468-77a1-ab0a-214daa144fb8","category":"session","version":1,"last_epoch":1,"last_txid":"918"},
{"id":"login-01a2267d-2305-7116-af45-c814a3f88898","category":"login","version":1,"last_epoch":1,"last_txid":"918"},
{"id":"account-01a2267d-2d5d-71d7-9fac-4a451026b8cf","category":"account","version":2,"last_epoch":1,"last_txid":"1002"},
{"id":"session-01a2267d-2dff-7467-b8de-0649d0ec8eb6","category":"session","version":1,"last_epoch":1,"last_txid":"1002"},
{"id":"login-01a2267d-2d5d-71d7-9fac-4a451026b8cf","category":"login","version":1,"last_epoch":1,"last_txid":"1002"}]');

SELECT setval('events_pos_seq', 10);

SELECT setval('migrations_id_seq', 3);
