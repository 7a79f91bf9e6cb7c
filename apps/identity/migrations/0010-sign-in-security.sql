-- Sign-in security. Every account of before has registered and set a password (two events that move its credentials), and nothing else.
ALTER TABLE accounts ADD COLUMN credentials integer NOT NULL DEFAULT 2, ADD COLUMN multi_factor boolean NOT NULL DEFAULT false;
ALTER TABLE sessions ADD COLUMN methods text[] NOT NULL DEFAULT '{password}', ADD COLUMN proved_at timestamptz;
UPDATE sessions SET proved_at = created_at;
-- What a person has proved who is not signed in yet: `credentials` as they were when it began.
CREATE TABLE half_sessions (
  token_digest text PRIMARY KEY,
  account_id uuid NOT NULL,
  purpose text NOT NULL,
  credentials integer NOT NULL,
  proofs text[] NOT NULL,
  -- The stream of the mailed link that it began with, spent in the transaction of its end.
  link_id uuid,
  wrong integer NOT NULL DEFAULT 0,
  began_at timestamptz NOT NULL);
CREATE INDEX half_sessions_began ON half_sessions (began_at);
-- The truth themselves, not followed from events: a code or a counter that was used is used in all processes at once.
CREATE TABLE factor_uses (
  factor_id uuid PRIMARY KEY,
  account_id uuid NOT NULL,
  step bigint NOT NULL DEFAULT 0,
  counter bigint NOT NULL DEFAULT 0,
  backed_up boolean NOT NULL DEFAULT false,
  last_used_at timestamptz);
CREATE TABLE challenges_spent (digest text PRIMARY KEY, spent_at timestamptz NOT NULL);
CREATE INDEX challenges_spent_at ON challenges_spent (spent_at);
CREATE TABLE known_devices (account_id uuid NOT NULL, token_digest text NOT NULL, used_at timestamptz NOT NULL, PRIMARY KEY (account_id, token_digest));
-- A mail that a stranger wishes for: answered alike for every address, and decided by a job.
CREATE TABLE mail_wishes (wish_id uuid PRIMARY KEY, kind text NOT NULL, email_digest text NOT NULL, wished_at timestamptz NOT NULL);
CREATE INDEX mail_wishes_at ON mail_wishes (wished_at);
-- Sealed: which browser in which network.
CREATE TABLE session_devices (session_id uuid PRIMARY KEY, sealed bytea NOT NULL, seen_at timestamptz NOT NULL);
CREATE INDEX session_devices_seen ON session_devices (seen_at);
-- Sealed: an authenticator's secret until its first code is shown.
CREATE TABLE pending_factors (factor_id uuid PRIMARY KEY, account_id uuid NOT NULL, sealed bytea NOT NULL, began_at timestamptz NOT NULL);
CREATE INDEX pending_factors_began ON pending_factors (began_at);
-- What becomes due of an account, followed from its events.
CREATE TABLE account_deadlines (account_id uuid NOT NULL, kind text NOT NULL, due_at timestamptz NOT NULL, PRIMARY KEY (account_id, kind));
CREATE INDEX account_deadlines_due ON account_deadlines (due_at);
-- Tries at what proves an account, since the last right one, and those of the hour that began at `window_at`. What was guessed at before stays counted.
CREATE TABLE tries (subject text PRIMARY KEY, taken integer NOT NULL, since timestamptz NOT NULL, next_at timestamptz NOT NULL, in_window integer NOT NULL DEFAULT 0, window_at timestamptz);
INSERT INTO tries (subject, taken, since, next_at) SELECT subject, taken, since, next_at FROM throttles;
