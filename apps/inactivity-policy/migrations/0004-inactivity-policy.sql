-- formerly InactivityPolicy0000000000001

-- The truth itself: a single request decides nothing, so it is no event. One row per account, kind and UTC day.
CREATE TABLE activity (
  account_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('signIn', 'session', 'api')),
  day date NOT NULL,
  latest_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, kind, day));
-- The next instant at which something may be due. Activity only moves it away, so a row that comes up early costs one look.
CREATE TABLE deadlines (account_id uuid PRIMARY KEY, next_at timestamptz NOT NULL);
CREATE INDEX deadlines_next ON deadlines (next_at, account_id);
-- Whose warning a message is, for what the mail server says of it.
CREATE TABLE warnings (message_id uuid PRIMARY KEY, account_id uuid NOT NULL);
