-- formerly Identity0000000000001

-- What sign-in and every request of a browser ask: written with the events themselves, so it never lags.
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
-- The truth themselves: no decision rests on a single touch, so it is no event.
CREATE TABLE session_touches (session_id uuid PRIMARY KEY, last_seen_at timestamptz NOT NULL);
-- An address that is no account's yet, sealed, until its sign-up ends.
CREATE TABLE pending_addresses (sign_up_id uuid PRIMARY KEY, email_digest text NOT NULL, sealed bytea NOT NULL, requested_at timestamptz NOT NULL);
CREATE INDEX pending_addresses_digest ON pending_addresses (email_digest);
CREATE TABLE attempts (subject text NOT NULL, at timestamptz NOT NULL);
CREATE INDEX attempts_subject ON attempts (subject, at);
