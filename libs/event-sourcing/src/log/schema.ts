import { proofSchema } from '../proof/proof-schema.ts';

/**
 * The log's tables, one statement each. Run by the owner of the database; what would rewrite history is taken from every other role.
 */
export const logSchema: readonly string[] = [
  `CREATE TABLE log_meta (
     one boolean PRIMARY KEY DEFAULT true CHECK (one),
     epoch integer NOT NULL,
     system_identifier bigint NOT NULL,
     timeline integer NOT NULL)`,
  `INSERT INTO log_meta (epoch, system_identifier, timeline)
     SELECT 1, s.system_identifier, c.timeline_id FROM pg_control_system() s, pg_control_checkpoint() c`,
  `CREATE TABLE streams (
     id text PRIMARY KEY,
     category text NOT NULL,
     version integer NOT NULL,
     last_epoch integer NOT NULL,
     last_txid xid8 NOT NULL)`,
  `CREATE TABLE events (
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
     PRIMARY KEY (stream_id, version))`,
  // Six million appends need a freeze; doing it early keeps the wraparound vacuum from arriving at night.
  `ALTER TABLE events SET (autovacuum_freeze_max_age = 100000000, autovacuum_freeze_min_age = 0)`,
  `CREATE INDEX events_log ON events (log_epoch, txid, pos)`,
  `CREATE TABLE reservations (
     scope text NOT NULL,
     key text NOT NULL,
     stream_id text NOT NULL,
     held boolean NOT NULL,
     last_epoch integer NOT NULL,
     last_txid xid8 NOT NULL,
     PRIMARY KEY (scope, key))`,
  `CREATE TABLE commands (
     id text PRIMARY KEY,
     fingerprint text,
     stream_id text NOT NULL,
     version integer NOT NULL,
     recorded_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  `CREATE INDEX commands_age ON commands (recorded_at)`,
  `CREATE TABLE checkpoints (
     name text PRIMARY KEY,
     epoch integer NOT NULL,
     txid xid8 NOT NULL,
     pos bigint NOT NULL,
     updated_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  `CREATE FUNCTION log_refuse(state text, said text) RETURNS text LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION USING ERRCODE = state, MESSAGE = said; END $$`,
  // A transaction that took its id early must not write behind one with a later id that has already been here:
  // it would sort before what it was decided upon.
  `CREATE FUNCTION log_guard(row_epoch integer, row_txid xid8, my_epoch integer, my_txid xid8) RETURNS xid8 LANGUAGE plpgsql AS $$
     BEGIN
       IF (row_epoch, row_txid) > (my_epoch, my_txid) THEN
         RAISE EXCEPTION USING ERRCODE = '40001', MESSAGE = 'a later transaction was here first; retry';
       END IF;
       RETURN my_txid;
     END $$`,
  `CREATE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION USING ERRCODE = 'RC005', MESSAGE = 'events are never changed or removed'; END $$`,
  `CREATE TRIGGER events_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only()`,
  `DO $$ DECLARE other record; BEGIN
     FOR other IN SELECT DISTINCT grantee FROM information_schema.role_table_grants
                   WHERE table_schema = 'public' AND table_name = 'events' AND grantee <> current_user LOOP
       EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON events FROM %I', other.grantee);
       EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON log_meta FROM %I', other.grantee);
       EXECUTE format('REVOKE DELETE, TRUNCATE ON streams, reservations FROM %I', other.grantee);
     END LOOP;
   END $$`,
  ...proofSchema,
];
