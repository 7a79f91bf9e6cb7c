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

CREATE TABLE job_inputs (
     job_id uuid PRIMARY KEY,
     type text NOT NULL,
     name text,
     shots integer NOT NULL,
     dry_run boolean NOT NULL,
     noise text NOT NULL,
     metadata text NOT NULL,
     settings text NOT NULL,
     stats text NOT NULL,
     children text NOT NULL,
     circuits text NOT NULL);

CREATE TABLE job_results (
     job_id uuid NOT NULL REFERENCES job_inputs ON DELETE CASCADE,
     circuit integer NOT NULL,
     probabilities text NOT NULL,
     PRIMARY KEY (job_id, circuit));

ALTER TABLE job_results ALTER COLUMN probabilities SET STORAGE EXTERNAL;

ALTER TABLE job_inputs ALTER COLUMN circuits SET STORAGE EXTERNAL;

CREATE TABLE job_leases (
     job_id uuid PRIMARY KEY,
     holder uuid NOT NULL,
     until timestamptz NOT NULL);

CREATE TABLE project_turns (
     project_id uuid PRIMARY KEY,
     served_at timestamptz NOT NULL);

CREATE TABLE jobs (
     job_id uuid PRIMARY KEY,
     project_id uuid NOT NULL,
     account_id uuid NOT NULL,
     key_id uuid NOT NULL,
     backend text NOT NULL,
     status text NOT NULL,
     child_ids uuid[] NOT NULL,
     submitted_at timestamptz NOT NULL,
     started_at timestamptz,
     ended_at timestamptz,
     execution_ms integer,
     failure_code text,
     failure_detail text);

CREATE INDEX jobs_project ON jobs (project_id, submitted_at DESC, job_id DESC);

CREATE INDEX jobs_open ON jobs (project_id, submitted_at, job_id) WHERE status IN ('submitted', 'started');

CREATE TABLE job_children (
     child_id uuid PRIMARY KEY,
     job_id uuid NOT NULL,
     circuit integer NOT NULL);

CREATE INDEX job_children_job ON job_children (job_id);

CREATE TABLE projects (project_id uuid PRIMARY KEY, name text NOT NULL);

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

INSERT INTO events OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::events, '[{"txid":"959","pos":1,"stream_id":"job-473dc7da-93ac-4a69-9ae5-fafa3bb96871","version":1,"type":"JobSubmitted","schema_version":1,"event_id":"01a2267d-286e-742c-8524-f204ff40abbf","data":{"keyId": "01a2267d-26f3-703e-9d22-7826e15caa7b", "backend": "simulator", "childIds": [], "accountId": "01a2267d-2305-7116-af45-c814a3f88898", "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78"},"personal":null,"meta":{"actor": "account:01a2267d-2305-7116-af45-c814a3f88898", "correlationId": "01a2267d-27d2-7000-afaf-16e08f598c00"},"occurred_at":"2026-11-29T08:47:46.278+00:00","recorded_at":"2026-11-29T08:47:46.299643+00:00","log_epoch":1},
{"txid":"963","pos":2,"stream_id":"job-473dc7da-93ac-4a69-9ae5-fafa3bb96871","version":2,"type":"JobStarted","schema_version":1,"event_id":"01a2267d-28c3-77b4-9774-dbdf20eed0ec","data":{"attempt": 1},"personal":null,"meta":{"actor": "service:job-queue", "correlationId": "473dc7da-93ac-4a69-9ae5-fafa3bb96871"},"occurred_at":"2026-11-29T08:47:46.353+00:00","recorded_at":"2026-11-29T08:47:46.382536+00:00","log_epoch":1},
{"txid":"969","pos":3,"stream_id":"job-473dc7da-93ac-4a69-9ae5-fafa3bb96871","version":3,"type":"JobCompleted","schema_version":1,"event_id":"01a2267d-2a9f-76fc-b8f4-63ab708f882c","data":{"projectId": "01a2267d-2305-7116-af45-d2d4beb4af78", "executionMs": 428},"personal":null,"meta":{"actor": "service:job-queue", "correlationId": "473dc7da-93ac-4a69-9ae5-fafa3bb96871"},"occurred_at":"2026-11-29T08:47:46.842+00:00","recorded_at":"2026-11-29T08:47:46.857156+00:00","log_epoch":1}]');

DELETE FROM inbox_offsets;

INSERT INTO inbox_offsets OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::inbox_offsets, '[{"consumer":"job-queue","topic":"organization.organizations","partition":0,"next_offset":8,"last_event_id":"01a2267d-2ee3-76ae-a344-97123f75b598"}]');

DELETE FROM inbox_versions;

INSERT INTO inbox_versions OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::inbox_versions, '[{"consumer":"job-queue","stream_id":"invitation-01a2267d-2bf8-7700-921b-2314f17c7e1e","last_version":1},
{"consumer":"job-queue","stream_id":"organization-01a2267d-2d5d-71d7-9fac-4d1b9ea72813","last_version":2},
{"consumer":"job-queue","stream_id":"organization-01a2267d-2305-7116-af45-cc74967b1453","last_version":5}]');

DELETE FROM job_children;

DELETE FROM job_inputs;

INSERT INTO job_inputs OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::job_inputs,  E'[{"job_id":"473dc7da-93ac-4a69-9ae5-fafa3bb96871","type":"ionq.circuit.v1","name":null,"shots":100,"dry_run":false,"noise":"{}","metadata":"{}","settings":"{}","stats":"{\\"qubits\\":2,\\"circuits\\":1,\\"gate_counts\\":{\\"1q\\":1,\\"2q\\":1}}","children":"[]","circuits":"[{\\"name\\":null,\\"qubits\\":2,\\"gateset\\":\\"qis\\",\\"gates\\":[{\\"gate\\":\\"h\\",\\"targets\\":[0],\\"controls\\":[]},{\\"gate\\":\\"cnot\\",\\"targets\\":[1],\\"controls\\":[0]}]}]"}]');

DELETE FROM job_leases;

DELETE FROM job_results;

INSERT INTO job_results OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::job_results,  E'[{"job_id":"473dc7da-93ac-4a69-9ae5-fafa3bb96871","circuit":0,"probabilities":"{\\"0\\":0.5,\\"3\\":0.5}"}]');

DELETE FROM jobs;

INSERT INTO jobs OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::jobs, '[{"job_id":"473dc7da-93ac-4a69-9ae5-fafa3bb96871","project_id":"01a2267d-2305-7116-af45-d2d4beb4af78","account_id":"01a2267d-2305-7116-af45-c814a3f88898","key_id":"01a2267d-26f3-703e-9d22-7826e15caa7b","backend":"simulator","status":"completed","child_ids":[],"submitted_at":"2026-11-29T08:47:46.278+00:00","started_at":"2026-11-29T08:47:46.353+00:00","ended_at":"2026-11-29T08:47:46.842+00:00","execution_ms":428,"failure_code":null,"failure_detail":null}]');

DELETE FROM migrations;

INSERT INTO migrations OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::migrations, '[{"id":1,"timestamp":1,"name":"JobQueue0000000000001"},
{"id":2,"timestamp":2,"name":"Operations0000000000002"},
{"id":3,"timestamp":3,"name":"JobQueueBuilds0000000000003"}]');

DELETE FROM operator_actions;

DELETE FROM parked;

DELETE FROM project_turns;

INSERT INTO project_turns OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::project_turns, '[{"project_id":"01a2267d-2305-7116-af45-d2d4beb4af78","served_at":"2026-11-29T08:47:46.329889+00:00"}]');

DELETE FROM projection_builds;

DELETE FROM projects;

INSERT INTO projects OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::projects, '[{"project_id":"01a2267d-2305-7116-af45-d2d4beb4af78","name":"First project"},
{"project_id":"01a2267d-2d5d-71d7-9fac-51aac5c0048a","name":"First project"}]');

DELETE FROM relay;

INSERT INTO relay OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::relay, '[{"name":"job-queue","owner":null,"epoch":1,"until":"2026-11-29T08:47:53.844208+00:00","log_epoch":1,"log_txid":"969","log_pos":3}]');

DELETE FROM relay_versions;

INSERT INTO relay_versions OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::relay_versions, '[{"stream_id":"job-473dc7da-93ac-4a69-9ae5-fafa3bb96871","version":3}]');

DELETE FROM reservations;

DELETE FROM streams;

INSERT INTO streams OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::streams, '[{"id":"job-473dc7da-93ac-4a69-9ae5-fafa3bb96871","category":"job","version":3,"last_epoch":1,"last_txid":"969"}]');

SELECT setval('events_pos_seq', 3);

SELECT setval('migrations_id_seq', 3);
