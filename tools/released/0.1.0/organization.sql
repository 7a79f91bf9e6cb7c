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

CREATE TABLE project_places (project_id uuid PRIMARY KEY, organization_id uuid NOT NULL);

CREATE TABLE member_places (account_id uuid NOT NULL, organization_id uuid NOT NULL, PRIMARY KEY (account_id, organization_id));

CREATE TABLE organizations (organization_id uuid PRIMARY KEY, name text NOT NULL);

CREATE TABLE members (organization_id uuid NOT NULL, account_id uuid NOT NULL, role text NOT NULL, joined_at timestamptz NOT NULL, PRIMARY KEY (organization_id, account_id));

CREATE INDEX members_account ON members (account_id, organization_id);

CREATE TABLE projects (project_id uuid PRIMARY KEY, organization_id uuid NOT NULL, name text NOT NULL, archived boolean NOT NULL);

CREATE INDEX projects_organization ON projects (organization_id, project_id);

CREATE TABLE project_members (project_id uuid NOT NULL, account_id uuid NOT NULL, joined_at timestamptz NOT NULL, PRIMARY KEY (project_id, account_id));

CREATE TABLE invitations (
       invitation_id uuid PRIMARY KEY,
       organization_id uuid NOT NULL,
       role text NOT NULL,
       project_ids uuid[] NOT NULL,
       expires_at timestamptz NOT NULL,
       status text NOT NULL);

CREATE INDEX invitations_organization ON invitations (organization_id, invitation_id);

CREATE TABLE invited_addresses (
       invitation_id uuid PRIMARY KEY,
       organization_id uuid NOT NULL,
       inviter_id uuid NOT NULL,
       email_digest text NOT NULL,
       sealed bytea NOT NULL,
       expires_at timestamptz NOT NULL);

CREATE INDEX invited_addresses_organization ON invited_addresses (organization_id, email_digest);

CREATE INDEX invited_addresses_expiry ON invited_addresses (expires_at);

CREATE TABLE suspended_accounts (account_id uuid PRIMARY KEY);

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

CREATE TABLE record_heads (organization_id uuid PRIMARY KEY, seq bigint NOT NULL);

CREATE TABLE organization_record (
       organization_id uuid NOT NULL,
       seq bigint NOT NULL,
       event_id uuid NOT NULL,
       type text NOT NULL,
       at timestamptz NOT NULL,
       data jsonb NOT NULL,
       PRIMARY KEY (organization_id, seq));

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

DELETE FROM checkpoints;

INSERT INTO checkpoints OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::checkpoints, '[{"name":"organization-directory-1","epoch":1,"txid":"1028","pos":9,"updated_at":"2026-11-29T08:47:48.016268+00:00"},
{"name":"invitation-directory-1","epoch":1,"txid":"1028","pos":9,"updated_at":"2026-11-29T08:47:48.030978+00:00"}]');

DELETE FROM commands;

INSERT INTO events OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::events, '[{"txid":"928","pos":1,"stream_id":"organization-01a2267d-2305-7116-af45-cc74967b1453","version":1,"type":"OrganizationCreated","schema_version":1,"event_id":"01a2267d-2556-72da-a33f-cb54ea1d2d2a","data":{"name": "Personal", "ownerId": "01a2267d-2305-7116-af45-c814a3f88898"},"personal":null,"meta":{"actor": "service:identity", "causationId": "01a2267d-243f-7417-ba1b-6055559b09a9", "correlationId": "01a2267d-22d8-7000-9191-e1499c06bc6b"},"occurred_at":"2026-11-29T08:47:45.465+00:00","recorded_at":"2026-11-29T08:47:45.500219+00:00","log_epoch":1},
{"txid":"928","pos":2,"stream_id":"organization-01a2267d-2305-7116-af45-cc74967b1453","version":2,"type":"ProjectCreated","schema_version":1,"event_id":"01a2267d-2556-72da-a33f-cdf46d975352","data":{"name": "First project", "accountId": "01a2267d-2305-7116-af45-c814a3f88898", "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78"},"personal":null,"meta":{"actor": "service:identity", "causationId": "01a2267d-243f-7417-ba1b-6055559b09a9", "correlationId": "01a2267d-22d8-7000-9191-e1499c06bc6b"},"occurred_at":"2026-11-29T08:47:45.465+00:00","recorded_at":"2026-11-29T08:47:45.500322+00:00","log_epoch":1},
{"txid":"983","pos":3,"stream_id":"invitation-01a2267d-2bf8-7700-921b-2314f17c7e1e","version":1,"type":"InvitationSent","schema_version":1,"event_id":"01a2267d-2bfa-7515-b115-520a27e03de1","data":{"role": "member", "expiresAt": "2026-12-29T08:47:47.134Z", "inviterId": "01a2267d-2305-7116-af45-c814a3f88898", "projectIds": ["01a2267d-2305-7116-af45-d2d4beb4af78"], "emailDigest": "1HiThbZVxvhUG6UilMTJ9PmhlOELeKGLE-hKEFeVK7A", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"},"personal":null,"meta":{"actor": "account:01a2267d-2305-7116-af45-c814a3f88898", "correlationId": "01a2267d-2b90-7000-a77c-c2d15d01f079"},"occurred_at":"2026-11-29T08:47:47.134+00:00","recorded_at":"2026-11-29T08:47:47.197409+00:00","log_epoch":1},
{"txid":"1007","pos":4,"stream_id":"organization-01a2267d-2d5d-71d7-9fac-4d1b9ea72813","version":1,"type":"OrganizationCreated","schema_version":1,"event_id":"01a2267d-2e2e-75f9-9101-9444297eb141","data":{"name": "Personal", "ownerId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf"},"personal":null,"meta":{"actor": "service:identity", "causationId": "01a2267d-2de3-75d5-9fc0-28fd791c9e99", "correlationId": "01a2267d-2d2b-7000-92f9-d5bfb3e03152"},"occurred_at":"2026-11-29T08:47:47.752+00:00","recorded_at":"2026-11-29T08:47:47.761779+00:00","log_epoch":1},
{"txid":"1007","pos":5,"stream_id":"organization-01a2267d-2d5d-71d7-9fac-4d1b9ea72813","version":2,"type":"ProjectCreated","schema_version":1,"event_id":"01a2267d-2e2e-75f9-9101-98c58ae0e8d3","data":{"name": "First project", "accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf", "projectId": "01a2267d-2d5d-71d7-9fac-51aac5c0048a"},"personal":null,"meta":{"actor": "service:identity", "causationId": "01a2267d-2de3-75d5-9fc0-28fd791c9e99", "correlationId": "01a2267d-2d2b-7000-92f9-d5bfb3e03152"},"occurred_at":"2026-11-29T08:47:47.752+00:00","recorded_at":"2026-11-29T08:47:47.761806+00:00","log_epoch":1},
{"txid":"1011","pos":6,"stream_id":"invitation-01a2267d-2bf8-7700-921b-2314f17c7e1e","version":2,"type":"InvitationAccepted","schema_version":1,"event_id":"01a2267d-2e3b-72a9-8432-6164277b612e","data":{"accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf"},"personal":null,"meta":{"actor": "account:01a2267d-2d5d-71d7-9fac-4a451026b8cf", "correlationId": "01a2267d-2d2b-7000-92f9-d5bfb3e03152"},"occurred_at":"2026-11-29T08:47:47.737+00:00","recorded_at":"2026-11-29T08:47:47.773528+00:00","log_epoch":1},
{"txid":"1011","pos":7,"stream_id":"organization-01a2267d-2305-7116-af45-cc74967b1453","version":3,"type":"MemberJoined","schema_version":1,"event_id":"01a2267d-2e54-7575-a1f0-45dd4ab8a478","data":{"role": "member", "accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf"},"personal":null,"meta":{"actor": "account:01a2267d-2d5d-71d7-9fac-4a451026b8cf", "correlationId": "01a2267d-2d2b-7000-92f9-d5bfb3e03152"},"occurred_at":"2026-11-29T08:47:47.737+00:00","recorded_at":"2026-11-29T08:47:47.798132+00:00","log_epoch":1},
{"txid":"1011","pos":8,"stream_id":"organization-01a2267d-2305-7116-af45-cc74967b1453","version":4,"type":"ProjectMemberAdded","schema_version":1,"event_id":"01a2267d-2e54-7575-a1f0-4bf80a5f11df","data":{"accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf", "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78"},"personal":null,"meta":{"actor": "account:01a2267d-2d5d-71d7-9fac-4a451026b8cf", "correlationId": "01a2267d-2d2b-7000-92f9-d5bfb3e03152"},"occurred_at":"2026-11-29T08:47:47.737+00:00","recorded_at":"2026-11-29T08:47:47.798154+00:00","log_epoch":1},
{"txid":"1028","pos":9,"stream_id":"organization-01a2267d-2305-7116-af45-cc74967b1453","version":5,"type":"MemberRemoved","schema_version":1,"event_id":"01a2267d-2ee3-76ae-a344-97123f75b598","data":{"reason": "removed", "accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf"},"personal":null,"meta":{"actor": "account:01a2267d-2305-7116-af45-c814a3f88898", "correlationId": "01a2267d-2e86-7000-b662-a5b8eb5e211e"},"occurred_at":"2026-11-29T08:47:47.857+00:00","recorded_at":"2026-11-29T08:47:47.950709+00:00","log_epoch":1}]');

DELETE FROM inbox_offsets;

INSERT INTO inbox_offsets OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::inbox_offsets, '[{"consumer":"organization","topic":"key-management.keys","partition":0,"next_offset":3,"last_event_id":"01a2267d-2b39-76a6-b733-3056482c498b"},
{"consumer":"organization","topic":"identity.accounts","partition":0,"next_offset":3,"last_event_id":"01a2267d-2de3-75d5-9fc0-28fd791c9e99"},
{"consumer":"organization","topic":"organization.organizations","partition":0,"next_offset":8,"last_event_id":"01a2267d-2ee3-76ae-a344-97123f75b598"}]');

DELETE FROM inbox_versions;

INSERT INTO inbox_versions OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::inbox_versions, '[{"consumer":"organization","stream_id":"sign-up-01a2267d-1d68-75d8-bf62-503bd5bf0386","last_version":1},
{"consumer":"organization","stream_id":"account-01a2267d-2305-7116-af45-c814a3f88898","last_version":1},
{"consumer":"organization","stream_id":"key-01a2267d-26f3-703e-9d22-7826e15caa7b","last_version":1},
{"consumer":"organization","stream_id":"key-01a2267d-2797-74b8-aab2-60b5e084d6b6","last_version":2},
{"consumer":"organization","stream_id":"invitation-01a2267d-2bf8-7700-921b-2314f17c7e1e","last_version":1},
{"consumer":"organization","stream_id":"account-01a2267d-2d5d-71d7-9fac-4a451026b8cf","last_version":1},
{"consumer":"organization","stream_id":"organization-01a2267d-2d5d-71d7-9fac-4d1b9ea72813","last_version":2},
{"consumer":"organization","stream_id":"organization-01a2267d-2305-7116-af45-cc74967b1453","last_version":5}]');

DELETE FROM invitations;

INSERT INTO invitations OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::invitations, '[{"invitation_id":"01a2267d-2bf8-7700-921b-2314f17c7e1e","organization_id":"01a2267d-2305-7116-af45-cc74967b1453","role":"member","project_ids":["01a2267d-2305-7116-af45-d2d4beb4af78"],"expires_at":"2026-12-29T08:47:47.134+00:00","status":"accepted"}]');

DELETE FROM invited_addresses;

DELETE FROM member_places;

INSERT INTO member_places OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::member_places, '[{"account_id":"01a2267d-2305-7116-af45-c814a3f88898","organization_id":"01a2267d-2305-7116-af45-cc74967b1453"},
{"account_id":"01a2267d-2d5d-71d7-9fac-4a451026b8cf","organization_id":"01a2267d-2d5d-71d7-9fac-4d1b9ea72813"}]');

DELETE FROM members;

INSERT INTO members OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::members, '[{"organization_id":"01a2267d-2305-7116-af45-cc74967b1453","account_id":"01a2267d-2305-7116-af45-c814a3f88898","role":"owner","joined_at":"2026-11-29T08:47:45.465+00:00"},
{"organization_id":"01a2267d-2d5d-71d7-9fac-4d1b9ea72813","account_id":"01a2267d-2d5d-71d7-9fac-4a451026b8cf","role":"owner","joined_at":"2026-11-29T08:47:47.752+00:00"}]');

DELETE FROM migrations;

INSERT INTO migrations OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::migrations, '[{"id":1,"timestamp":1,"name":"Organization0000000000001"},
{"id":2,"timestamp":2,"name":"Operations0000000000002"},
{"id":3,"timestamp":2,"name":"Record0000000000002"},
{"id":4,"timestamp":3,"name":"OrganizationBuilds0000000000003"}]');

DELETE FROM operator_actions;

DELETE FROM organization_record;

INSERT INTO organization_record OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::organization_record, '[{"organization_id":"01a2267d-2305-7116-af45-cc74967b1453","seq":1,"event_id":"01a2267d-2556-72da-a33f-cb54ea1d2d2a","type":"OrganizationCreated.v1","at":"2026-11-29T08:47:45.465+00:00","data":{"name": "Personal", "ownerId": "01a2267d-2305-7116-af45-c814a3f88898", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"}},
{"organization_id":"01a2267d-2305-7116-af45-cc74967b1453","seq":2,"event_id":"01a2267d-2556-72da-a33f-cdf46d975352","type":"ProjectCreated.v1","at":"2026-11-29T08:47:45.465+00:00","data":{"name": "First project", "accountId": "01a2267d-2305-7116-af45-c814a3f88898", "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"}},
{"organization_id":"01a2267d-2305-7116-af45-cc74967b1453","seq":3,"event_id":"01a2267d-26f5-7404-8d19-ed64cb0ce5a7","type":"KeyIssued.v1","at":"2026-11-29T08:47:45.628+00:00","data":{"name": "laptop", "keyId": "01a2267d-26f3-703e-9d22-7826e15caa7b", "replaces": null, "accountId": "01a2267d-2305-7116-af45-c814a3f88898", "expiresAt": null, "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"}},
{"organization_id":"01a2267d-2305-7116-af45-cc74967b1453","seq":4,"event_id":"01a2267d-279b-754c-93f8-1a99708b99fb","type":"KeyIssued.v1","at":"2026-11-29T08:47:46.068+00:00","data":{"name": "lost", "keyId": "01a2267d-2797-74b8-aab2-60b5e084d6b6", "replaces": null, "accountId": "01a2267d-2305-7116-af45-c814a3f88898", "expiresAt": null, "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"}},
{"organization_id":"01a2267d-2305-7116-af45-cc74967b1453","seq":5,"event_id":"01a2267d-2b39-76a6-b733-3056482c498b","type":"KeyRevoked.v1","at":"2026-11-29T08:47:46.989+00:00","data":{"keyId": "01a2267d-2797-74b8-aab2-60b5e084d6b6", "reason": "requested", "accountId": "01a2267d-2305-7116-af45-c814a3f88898", "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78"}},
{"organization_id":"01a2267d-2305-7116-af45-cc74967b1453","seq":6,"event_id":"01a2267d-2bfa-7515-b115-520a27e03de1","type":"InvitationSent.v1","at":"2026-11-29T08:47:47.134+00:00","data":{"inviterId": "01a2267d-2305-7116-af45-c814a3f88898", "invitationId": "01a2267d-2bf8-7700-921b-2314f17c7e1e", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"}},
{"organization_id":"01a2267d-2d5d-71d7-9fac-4d1b9ea72813","seq":1,"event_id":"01a2267d-2e2e-75f9-9101-9444297eb141","type":"OrganizationCreated.v1","at":"2026-11-29T08:47:47.752+00:00","data":{"name": "Personal", "ownerId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf", "organizationId": "01a2267d-2d5d-71d7-9fac-4d1b9ea72813"}},
{"organization_id":"01a2267d-2d5d-71d7-9fac-4d1b9ea72813","seq":2,"event_id":"01a2267d-2e2e-75f9-9101-98c58ae0e8d3","type":"ProjectCreated.v1","at":"2026-11-29T08:47:47.752+00:00","data":{"name": "First project", "accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf", "projectId": "01a2267d-2d5d-71d7-9fac-51aac5c0048a", "organizationId": "01a2267d-2d5d-71d7-9fac-4d1b9ea72813"}},
{"organization_id":"01a2267d-2305-7116-af45-cc74967b1453","seq":7,"event_id":"01a2267d-2e54-7575-a1f0-45dd4ab8a478","type":"MemberJoined.v1","at":"2026-11-29T08:47:47.737+00:00","data":{"role": "member", "accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"}},
{"organization_id":"01a2267d-2305-7116-af45-cc74967b1453","seq":8,"event_id":"01a2267d-2e54-7575-a1f0-4bf80a5f11df","type":"ProjectMemberAdded.v1","at":"2026-11-29T08:47:47.737+00:00","data":{"accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf", "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"}},
{"organization_id":"01a2267d-2305-7116-af45-cc74967b1453","seq":9,"event_id":"01a2267d-2ee3-76ae-a344-97123f75b598","type":"MemberRemoved.v1","at":"2026-11-29T08:47:47.857+00:00","data":{"reason": "removed", "accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"}}]');

DELETE FROM organizations;

INSERT INTO organizations OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::organizations, '[{"organization_id":"01a2267d-2305-7116-af45-cc74967b1453","name":"Personal"},
{"organization_id":"01a2267d-2d5d-71d7-9fac-4d1b9ea72813","name":"Personal"}]');

DELETE FROM parked;

DELETE FROM project_members;

INSERT INTO project_members OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::project_members, '[{"project_id":"01a2267d-2305-7116-af45-d2d4beb4af78","account_id":"01a2267d-2305-7116-af45-c814a3f88898","joined_at":"2026-11-29T08:47:45.465+00:00","organization_id":"01a2267d-2305-7116-af45-cc74967b1453"},
{"project_id":"01a2267d-2d5d-71d7-9fac-51aac5c0048a","account_id":"01a2267d-2d5d-71d7-9fac-4a451026b8cf","joined_at":"2026-11-29T08:47:47.752+00:00","organization_id":"01a2267d-2d5d-71d7-9fac-4d1b9ea72813"}]');

DELETE FROM project_places;

INSERT INTO project_places OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::project_places, '[{"project_id":"01a2267d-2305-7116-af45-d2d4beb4af78","organization_id":"01a2267d-2305-7116-af45-cc74967b1453"},
{"project_id":"01a2267d-2d5d-71d7-9fac-51aac5c0048a","organization_id":"01a2267d-2d5d-71d7-9fac-4d1b9ea72813"}]');

DELETE FROM projection_builds;

DELETE FROM projects;

INSERT INTO projects OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::projects, '[{"project_id":"01a2267d-2305-7116-af45-d2d4beb4af78","organization_id":"01a2267d-2305-7116-af45-cc74967b1453","name":"First project","archived":false},
{"project_id":"01a2267d-2d5d-71d7-9fac-51aac5c0048a","organization_id":"01a2267d-2d5d-71d7-9fac-4d1b9ea72813","name":"First project","archived":false}]');

DELETE FROM record_heads;

INSERT INTO record_heads OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::record_heads, '[{"organization_id":"01a2267d-2d5d-71d7-9fac-4d1b9ea72813","seq":2},
{"organization_id":"01a2267d-2305-7116-af45-cc74967b1453","seq":9}]');

DELETE FROM relay;

INSERT INTO relay OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::relay, '[{"name":"organization","owner":null,"epoch":1,"until":"2026-11-29T08:47:54.382325+00:00","log_epoch":1,"log_txid":"1028","log_pos":9}]');

DELETE FROM relay_versions;

INSERT INTO relay_versions OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::relay_versions, '[{"stream_id":"invitation-01a2267d-2bf8-7700-921b-2314f17c7e1e","version":1},
{"stream_id":"organization-01a2267d-2d5d-71d7-9fac-4d1b9ea72813","version":2},
{"stream_id":"organization-01a2267d-2305-7116-af45-cc74967b1453","version":5}]');

DELETE FROM reservations;

DELETE FROM streams;

INSERT INTO streams OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::streams, '[{"id":"organization-01a2267d-2d5d-71d7-9fac-4d1b9ea72813","category":"organization","version":2,"last_epoch":1,"last_txid":"1007"},
{"id":"invitation-01a2267d-2bf8-7700-921b-2314f17c7e1e","category":"invitation","version":2,"last_epoch":1,"last_txid":"1011"},
{"id":"organization-01a2267d-2305-7116-af45-cc74967b1453","category":"organization","version":5,"last_epoch":1,"last_txid":"1028"}]');

DELETE FROM suspended_accounts;

SELECT setval('events_pos_seq', 9);

SELECT setval('migrations_id_seq', 4);
