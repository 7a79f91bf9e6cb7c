-- formerly Mailer0000000000001

-- What has to go out: ids and instants only. Address and token are asked for when it goes, and kept nowhere.
CREATE TABLE mails_due (
  message_id uuid PRIMARY KEY,
  letter text NOT NULL,
  recipient text NOT NULL,
  recipient_id uuid NOT NULL,
  details jsonb NOT NULL,
  event_id text NOT NULL,
  correlation_id text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  due_at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX mails_due_next ON mails_due (next_at);
