-- Single sign-on. What organization has stated: who enforces which connection, and which domains are theirs.
CREATE TABLE sso_enforced (
  connection_id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  n integer NOT NULL,
  session_hours integer NOT NULL,
  -- The owner who lets the provider make members; null: nobody does.
  just_in_time_by uuid,
  guests text NOT NULL,
  break_glass_id uuid);
CREATE INDEX sso_enforced_organization ON sso_enforced (organization_id);
CREATE TABLE sso_domains (domain text NOT NULL, organization_id uuid NOT NULL, lapsed boolean NOT NULL, PRIMARY KEY (domain, organization_id));
CREATE INDEX sso_domains_organization ON sso_domains (organization_id);
-- Whose a domain was before: who has it now may read the mail of people that it was never theirs to know.
CREATE TABLE sso_domains_past (domain text NOT NULL, organization_id uuid NOT NULL, until timestamptz NOT NULL, PRIMARY KEY (domain, organization_id));
-- For ending the sessions of an organization's people.
CREATE INDEX organization_members_organization ON organization_members (organization_id);
-- Under the installation's key for digests: whose address lies in which domain. Kept beside every change of an address, filled in for accounts of before at the start.
CREATE TABLE address_domains (account_id uuid PRIMARY KEY, digest bytea NOT NULL);
-- Followed from the accounts' own events: who signs in as whom through which connection.
CREATE TABLE sso_bindings (connection_id uuid NOT NULL, subject_digest text NOT NULL, account_id uuid NOT NULL, PRIMARY KEY (connection_id, subject_digest));
CREATE UNIQUE INDEX sso_bindings_account ON sso_bindings (account_id, connection_id);
-- A half session that goes on from a provider's answer.
ALTER TABLE half_sessions ADD COLUMN attempt text;
ALTER TABLE sessions ADD COLUMN connection_id uuid, ADD COLUMN ends_at timestamptz;
-- The truth themselves, as tries are. A sign-in on its way through the provider: `sealed` are its nonce, verifier and what else the answer is judged by.
CREATE TABLE sso_attempts (
  state_digest text PRIMARY KEY,
  cookie_digest text NOT NULL,
  connection_id uuid NOT NULL,
  n integer NOT NULL,
  purpose text NOT NULL,
  account_id uuid,
  session_id uuid,
  sealed bytea NOT NULL,
  began_at timestamptz NOT NULL,
  used_at timestamptz,
  -- Sealed: what the provider has vouched for, while something is still to be proved here.
  vouched bytea,
  -- What it came to: null while it is on its way, '' where the answer was accepted, else the check that it did not pass.
  refused_for text);
CREATE INDEX sso_attempts_connection ON sso_attempts (connection_id, began_at DESC);
CREATE INDEX sso_attempts_began ON sso_attempts (began_at);
CREATE TABLE sso_assertions (connection_id uuid NOT NULL, assertion_digest text NOT NULL, used_at timestamptz NOT NULL, PRIMARY KEY (connection_id, assertion_digest));
CREATE INDEX sso_assertions_used ON sso_assertions (used_at);
-- The provider's own name of a session, for its logout.
CREATE TABLE sso_sessions (session_id uuid PRIMARY KEY, connection_id uuid NOT NULL, subject_digest text NOT NULL, provider_session_digest text, began_at timestamptz NOT NULL);
CREATE INDEX sso_sessions_connection ON sso_sessions (connection_id, subject_digest);
CREATE INDEX sso_sessions_began ON sso_sessions (began_at);
-- A password that stood while a provider judged alone: it opens nothing before the mailbox is proved.
CREATE TABLE password_locks (account_id uuid PRIMARY KEY, locked_at timestamptz NOT NULL);
