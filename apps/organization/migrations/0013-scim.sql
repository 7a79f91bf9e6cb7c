-- Whom an organization is closed to, in what people see listed.
DO $$ DECLARE place text; BEGIN
  FOR place IN SELECT schemaname FROM pg_tables WHERE tablename = 'members' LOOP
    EXECUTE format('ALTER TABLE %I.members ADD COLUMN shut_by_provider boolean NOT NULL DEFAULT false, ADD COLUMN shut_as_guest boolean NOT NULL DEFAULT false', place);
  END LOOP;
END $$;
-- By which token a provider asks: written with the events themselves.
CREATE TABLE scim_tokens (
  token_id uuid PRIMARY KEY,
  connection_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  account_id uuid NOT NULL,
  digest text NOT NULL UNIQUE,
  subject text NOT NULL,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz);
CREATE INDEX scim_tokens_connection ON scim_tokens (connection_id);
-- The people whom a provider keeps here, sealed: beside the log, so that they can be forgotten. Found by keyed digests.
CREATE TABLE scim_users (
  user_id uuid PRIMARY KEY,
  connection_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  user_name_digest text NOT NULL,
  external_id_digest text,
  -- Of the name at sign-in.
  person_digest text,
  -- Who it is here, once they have come; told by identity, too.
  account_id uuid,
  active boolean NOT NULL,
  sealed bytea NOT NULL,
  sealed_by text NOT NULL,
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  UNIQUE (connection_id, user_name_digest));
CREATE INDEX scim_users_external_id ON scim_users (connection_id, external_id_digest);
CREATE UNIQUE INDEX scim_users_person ON scim_users (connection_id, person_digest);
CREATE INDEX scim_users_order ON scim_users (connection_id, user_id);
