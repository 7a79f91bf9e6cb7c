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

CREATE TABLE key_directory (
       key_id uuid PRIMARY KEY,
       digest text NOT NULL UNIQUE,
       account_id uuid NOT NULL,
       project_id uuid NOT NULL,
       organization_id uuid NOT NULL,
       name text NOT NULL,
       start text NOT NULL,
       scopes text[] NOT NULL,
       created_at timestamptz NOT NULL,
       works_until timestamptz,
       revoked_at timestamptz);

CREATE INDEX key_directory_account ON key_directory (account_id, key_id);

CREATE INDEX key_directory_organization ON key_directory (organization_id, key_id);

CREATE TABLE projects (project_id uuid PRIMARY KEY, organization_id uuid NOT NULL, name text NOT NULL, archived boolean NOT NULL);

CREATE TABLE project_members (project_id uuid NOT NULL, account_id uuid NOT NULL, PRIMARY KEY (project_id, account_id));

CREATE TABLE members (organization_id uuid NOT NULL, account_id uuid NOT NULL, role text NOT NULL, PRIMARY KEY (organization_id, account_id));

CREATE TABLE suspended_accounts (account_id uuid PRIMARY KEY);

CREATE TABLE key_uses (key_id uuid PRIMARY KEY, last_used_at timestamptz NOT NULL);

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

ALTER TABLE project_members ADD COLUMN organization_id uuid;

UPDATE project_members AS m SET organization_id = p.organization_id FROM projects AS p WHERE p.project_id = m.project_id;

DELETE FROM project_members WHERE organization_id IS NULL;

ALTER TABLE project_members ALTER COLUMN organization_id SET NOT NULL;

CREATE TABLE fence (
     one boolean PRIMARY KEY DEFAULT true CHECK (one),
     seq bigint NOT NULL CHECK (seq >= 0),
     -- How long a lease lasts; 0: there are none.
     lease_ms integer NOT NULL CHECK (lease_ms BETWEEN 0 AND 60000),
     -- Leases of earlier epochs of the log have certainly ended.
     settled_epoch integer NOT NULL);

INSERT INTO fence (seq, lease_ms, settled_epoch) SELECT 0, 10000, epoch FROM log_meta;

CREATE TABLE withdrawals (
     epoch integer NOT NULL,
     seq bigint NOT NULL,
     subject uuid NOT NULL,
     -- For tidying up alone.
     recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (epoch, seq, subject));

CREATE SEQUENCE renewals;

CREATE TABLE followers (
     instance uuid PRIMARY KEY,
     epoch integer NOT NULL,
     applied bigint NOT NULL CHECK (applied >= 0),
     renewal bigint NOT NULL DEFAULT nextval('renewals'),
     -- The longest lease that it was ever granted.
     lease_ms integer NOT NULL CHECK (lease_ms BETWEEN 0 AND 60000));

DO $$ DECLARE place text; BEGIN
       FOR place IN SELECT schemaname FROM pg_tables WHERE tablename = 'key_directory' LOOP
         EXECUTE format('ALTER TABLE %I.key_directory ADD COLUMN addresses text[] NOT NULL DEFAULT ''{}''', place);
       END LOOP;
     END $$;

DELETE FROM checkpoints;

DELETE FROM commands;

INSERT INTO events OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::events, '[{"txid":"945","pos":1,"stream_id":"key-01a2267d-26f3-703e-9d22-7826e15caa7b","version":1,"type":"KeyIssued","schema_version":1,"event_id":"01a2267d-26f5-7404-8d19-ed64cb0ce5a7","data":{"name": "laptop", "start": "rck_…gc80t9", "digest": "65235ddc830aed583b7d139d1754e92d810cb2595ef8144cc27227ea4e0fecd2", "scopes": [], "replaces": null, "accountId": "01a2267d-2305-7116-af45-c814a3f88898", "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78", "worksUntil": null, "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"},"personal":null,"meta":{"actor": "account:01a2267d-2305-7116-af45-c814a3f88898", "correlationId": "01a2267d-24ef-7000-a5df-2adf496e2959"},"occurred_at":"2026-11-29T08:47:45.628+00:00","recorded_at":"2026-11-29T08:47:45.924717+00:00","log_epoch":1},
{"txid":"950","pos":2,"stream_id":"key-01a2267d-2797-74b8-aab2-60b5e084d6b6","version":1,"type":"KeyIssued","schema_version":1,"event_id":"01a2267d-279b-754c-93f8-1a99708b99fb","data":{"name": "lost", "start": "rck_…XQsFC2", "digest": "aca7d0580cdbb43bbfd0e08246d7b7be899d55508786b6eb52fe4f879c6b9bad", "scopes": [], "replaces": null, "accountId": "01a2267d-2305-7116-af45-c814a3f88898", "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78", "worksUntil": null, "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"},"personal":null,"meta":{"actor": "account:01a2267d-2305-7116-af45-c814a3f88898", "correlationId": "01a2267d-2775-7000-9f53-a415f73c4bcc"},"occurred_at":"2026-11-29T08:47:46.068+00:00","recorded_at":"2026-11-29T08:47:46.084315+00:00","log_epoch":1},
{"txid":"975","pos":3,"stream_id":"key-01a2267d-2797-74b8-aab2-60b5e084d6b6","version":2,"type":"KeyRevoked","schema_version":1,"event_id":"01a2267d-2b39-76a6-b733-3056482c498b","data":{"reason": "requested", "accountId": "01a2267d-2305-7116-af45-c814a3f88898", "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78"},"personal":null,"meta":{"actor": "account:01a2267d-2305-7116-af45-c814a3f88898", "correlationId": "01a2267d-2b07-7000-99ea-5d4202191f26"},"occurred_at":"2026-11-29T08:47:46.989+00:00","recorded_at":"2026-11-29T08:47:47.002932+00:00","log_epoch":1}]');

DELETE FROM fence;

INSERT INTO fence OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::fence, '[{"one":true,"seq":1,"lease_ms":10000,"settled_epoch":1}]');

DELETE FROM followers;

DELETE FROM inbox_offsets;

INSERT INTO inbox_offsets OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::inbox_offsets, '[{"consumer":"key-management","topic":"identity.accounts","partition":0,"next_offset":3,"last_event_id":"01a2267d-2de3-75d5-9fc0-28fd791c9e99"},
{"consumer":"key-management","topic":"organization.organizations","partition":0,"next_offset":8,"last_event_id":"01a2267d-2ee3-76ae-a344-97123f75b598"}]');

DELETE FROM inbox_versions;

INSERT INTO inbox_versions OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::inbox_versions, '[{"consumer":"key-management","stream_id":"sign-up-01a2267d-1d68-75d8-bf62-503bd5bf0386","last_version":1},
{"consumer":"key-management","stream_id":"account-01a2267d-2305-7116-af45-c814a3f88898","last_version":1},
{"consumer":"key-management","stream_id":"invitation-01a2267d-2bf8-7700-921b-2314f17c7e1e","last_version":1},
{"consumer":"key-management","stream_id":"account-01a2267d-2d5d-71d7-9fac-4a451026b8cf","last_version":1},
{"consumer":"key-management","stream_id":"organization-01a2267d-2d5d-71d7-9fac-4d1b9ea72813","last_version":2},
{"consumer":"key-management","stream_id":"organization-01a2267d-2305-7116-af45-cc74967b1453","last_version":5}]');

DELETE FROM key_directory;

INSERT INTO key_directory OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::key_directory, '[{"key_id":"01a2267d-26f3-703e-9d22-7826e15caa7b","digest":"65235ddc830aed583b7d139d1754e92d810cb2595ef8144cc27227ea4e0fecd2","account_id":"01a2267d-2305-7116-af45-c814a3f88898","project_id":"01a2267d-2305-7116-af45-d2d4beb4af78","organization_id":"01a2267d-2305-7116-af45-cc74967b1453","name":"laptop","start":"rck_…gc80t9","scopes":[],"created_at":"2026-11-29T08:47:45.628+00:00","works_until":null,"revoked_at":null,"addresses":[]},
{"key_id":"01a2267d-2797-74b8-aab2-60b5e084d6b6","digest":"aca7d0580cdbb43bbfd0e08246d7b7be899d55508786b6eb52fe4f879c6b9bad","account_id":"01a2267d-2305-7116-af45-c814a3f88898","project_id":"01a2267d-2305-7116-af45-d2d4beb4af78","organization_id":"01a2267d-2305-7116-af45-cc74967b1453","name":"lost","start":"rck_…XQsFC2","scopes":[],"created_at":"2026-11-29T08:47:46.068+00:00","works_until":null,"revoked_at":"2026-11-29T08:47:46.989+00:00","addresses":[]}]');

DELETE FROM key_uses;

INSERT INTO key_uses OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::key_uses, '[{"key_id":"01a2267d-26f3-703e-9d22-7826e15caa7b","last_used_at":"2026-11-29T08:47:46.945+00:00"}]');

DELETE FROM members;

INSERT INTO members OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::members, '[{"organization_id":"01a2267d-2305-7116-af45-cc74967b1453","account_id":"01a2267d-2305-7116-af45-c814a3f88898","role":"owner"},
{"organization_id":"01a2267d-2d5d-71d7-9fac-4d1b9ea72813","account_id":"01a2267d-2d5d-71d7-9fac-4a451026b8cf","role":"owner"}]');

DELETE FROM migrations;

INSERT INTO migrations OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::migrations, '[{"id":1,"timestamp":1,"name":"KeyManagement0000000000001"},
{"id":2,"timestamp":2,"name":"Operations0000000000002"},
{"id":3,"timestamp":3,"name":"KeyManagementBuilds0000000000003"},
{"id":4,"timestamp":4,"name":"KeyManagementFence0000000000004"},
{"id":5,"timestamp":5,"name":"KeyManagementAddresses0000000000005"}]');

DELETE FROM operator_actions;

DELETE FROM parked;

DELETE FROM project_members;

INSERT INTO project_members OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::project_members, '[{"project_id":"01a2267d-2305-7116-af45-d2d4beb4af78","account_id":"01a2267d-2305-7116-af45-c814a3f88898","organization_id":"01a2267d-2305-7116-af45-cc74967b1453"},
{"project_id":"01a2267d-2d5d-71d7-9fac-51aac5c0048a","account_id":"01a2267d-2d5d-71d7-9fac-4a451026b8cf","organization_id":"01a2267d-2d5d-71d7-9fac-4d1b9ea72813"}]');

DELETE FROM projection_builds;

DELETE FROM projects;

INSERT INTO projects OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::projects, '[{"project_id":"01a2267d-2305-7116-af45-d2d4beb4af78","organization_id":"01a2267d-2305-7116-af45-cc74967b1453","name":"First project","archived":false},
{"project_id":"01a2267d-2d5d-71d7-9fac-51aac5c0048a","organization_id":"01a2267d-2d5d-71d7-9fac-4d1b9ea72813","name":"First project","archived":false}]');

DELETE FROM relay;

INSERT INTO relay OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::relay, '[{"name":"key-management","owner":null,"epoch":1,"until":"2026-11-29T08:47:53.468103+00:00","log_epoch":1,"log_txid":"975","log_pos":3}]');

DELETE FROM relay_versions;

INSERT INTO relay_versions OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::relay_versions, '[{"stream_id":"key-01a2267d-26f3-703e-9d22-7826e15caa7b","version":1},
{"stream_id":"key-01a2267d-2797-74b8-aab2-60b5e084d6b6","version":2}]');

DELETE FROM reservations;

DELETE FROM streams;

INSERT INTO streams OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::streams, '[{"id":"key-01a2267d-26f3-703e-9d22-7826e15caa7b","category":"key","version":1,"last_epoch":1,"last_txid":"945"},
{"id":"key-01a2267d-2797-74b8-aab2-60b5e084d6b6","category":"key","version":2,"last_epoch":1,"last_txid":"975"}]');

DELETE FROM suspended_accounts;

DELETE FROM withdrawals;

INSERT INTO withdrawals OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::withdrawals, '[{"epoch":1,"seq":1,"subject":"01a2267d-2797-74b8-aab2-60b5e084d6b6","recorded_at":"2026-11-29T08:47:47.013415+00:00"}]');

SELECT setval('events_pos_seq', 3);

SELECT setval('migrations_id_seq', 5);

SELECT setval('renewals', 7);
